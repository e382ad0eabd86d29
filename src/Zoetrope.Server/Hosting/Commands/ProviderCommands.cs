using System.CommandLine;
using Spectre.Console;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>providers check</c>, which costs nothing, and <c>providers try</c>, which does.</summary>
internal static class ProviderCommands
{
    public static Command Create() => new("providers", "The vendors that live keys reach") { Check(), Try() };

    private static Command Check() =>
        new Command("check", "Prove every configured key with a call that costs nothing, and list what is missing for which model")
        .Answering(async (_, cancellationToken) =>
    {
        await using var providers = OperatorProviders.Open(HostSettings.FromEnvironment());
        return await new ProviderCheck(
            providers.Get<ProviderRegistry>(),
            providers.Get<CatalogHolder>().Current,
            providers.Settings,
            TimeProvider.System).RunAsync(cancellationToken);
    });

    private static Command Try()
    {
        var model = new Argument<string>("model") { Description = "A model of the catalogue" };
        var prompt = new Argument<string>("prompt") { Description = "The prompt; '' for a model that takes none" };
        var parameters = new Option<string[]>("--param", "-p") { Description = "name=value, as often as needed" };
        var inputs = new Option<string[]>("--input", "-i") { Description = "A file, or parameter=file, as often as needed" };
        var provider = new Option<string?>("--provider") { Description = "This one instead of the first that can do it" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Spend the money without asking" };
        return new Command(
            "try",
            "Make one real, paid call past the ledger and save its result here") { model, prompt, parameters, inputs, provider, yes }.Answering(async (parsed, cancellationToken) =>
        {
            await using var providers = OperatorProviders.Open(HostSettings.FromEnvironment());
            var request = (await TrialRequest.ReadAsync(
                providers.Get<CatalogHolder>().Current,
                providers.Get<MediaProber>(),
                parsed.GetRequiredValue(model),
                parsed.GetRequiredValue(prompt),
                parsed.GetValue(parameters) ?? [],
                parsed.GetValue(inputs) ?? [],
                cancellationToken)).OrFail();
            var trial = providers.Trial();
            var route = trial.Choose(request, parsed.GetValue(provider));
            if (!parsed.GetValue(yes))
            {
                await ConfirmAsync(route, cancellationToken);
            }

            return await trial.RunAsync(request, route, Directory.GetCurrentDirectory(), cancellationToken);
        });
    }

    private static async Task ConfirmAsync(TrialRoute route, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected || !CommandOutput.Notes.Profile.Capabilities.Interactive)
        {
            throw new StartException(
                "USAGE", "this costs money at the vendor, and nobody can be asked here: add --yes", StartException.BadSettings);
        }

        var question = new ConfirmationPrompt(
            $"This makes one paid call of [bold]{Markup.Escape(route.Route.Model)}[/] at {Markup.Escape(route.Vendor.Title)} "
            + $"with key {route.Key.Id}. Go on?") { DefaultValue = false };
        if (!await question.ShowAsync(CommandOutput.Notes, cancellationToken))
        {
            throw new OperationCanceledException();
        }
    }
}
