using System.CommandLine;
using System.Text.Json.Nodes;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Hosting.Commands.Upkeep;

/// <summary><c>operator link</c>: a new link for whoever shall run the server.</summary>
internal static class OperatorCommand
{
    public static Command Create() => new("operator", "Manage who runs the server") { Link() };

    private static Command Link() => new Command(
        "link",
        "Print a link that makes whoever opens it the operator, once and within 24 hours; earlier links end").Answering(async (_, _) =>
    {
        var host = HostSettings.FromEnvironment();
        var configured = Settings.Load(host).Bind<RootOptions>("").PublicUrl;
        await using var database = await OperatorDatabase.OpenAsync();
        var token = await database.WriteAsync(async tx =>
        {
            await WelcomeLinks.EndOthersAsync(tx);
            return await new WelcomeLinks(TimeProvider.System).MakeAsync(tx);
        });
        var link = WelcomeLink.Text(
            configured.Length > 0 ? configured : ListenAddresses.Reachable(host.Urls.Split(';')[0]), token);
        return new Answer(new JsonObject { ["url"] = link }, console => console.Profile.Out.Writer.WriteLine(link));
    });
}
