using System.CommandLine;
using System.Text.Json.Nodes;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Upkeep;

/// <summary>Brings the database up to date without starting the server, for upgrades with several nodes.</summary>
internal static class MigrateCommand
{
    public static Command Create() => new Command(
        "migrate", "Bring the database up to date (the server also does this at its start)").Answering(async (_, _) =>
    {
        var host = HostSettings.FromEnvironment();
        var applied = await Schema.EnsureAsync(
            Settings.Load(host).Bind<DatabaseOptions>("Database"), DataDirectory.Create(host.DataDirectory));
        return new Answer(
            new JsonObject { ["applied"] = new JsonArray([.. applied.Select(name => JsonValue.Create(name))]) },
            console =>
                console.Profile.Out.Writer.WriteLine(
                    applied.Count == 0 ? "The database is up to date." : string.Join('\n', applied.Select(name => $"applied {name}"))));
    });
}
