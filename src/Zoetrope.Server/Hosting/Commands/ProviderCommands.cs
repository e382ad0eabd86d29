using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>providers check</c>, which costs nothing, <c>try</c>, which does, <c>reopen</c>, <c>pause</c> and <c>resume</c>.</summary>
internal static class ProviderCommands
{
    public static Command Create() => new("providers", "The vendors that live keys reach") { Check(), Try(), Reopen(), Pause(), Resume() };

    private static Command Check() =>
        new Command("check", "Check every configured key with a free call, and list what each model still needs")
        .Answering(async (_, cancellationToken) =>
    {
        await using var providers = OperatorProviders.Open(HostSettings.FromEnvironment());
        return await new ProviderCheck(
            providers.Get<ProviderRegistry>(),
            providers.Get<CatalogHolder>().Current,
            providers.Settings,
            TimeProvider.System).RunAsync(cancellationToken);
    });

    private static Command Reopen()
    {
        var provider = new Argument<string>("provider") { Description = "A provider, such as fal" };
        return new Command("reopen", "Use a provider and its keys again at once, after you have topped up its account or it works again")
        {
            provider,
        }.Answering(async (parsed, _) =>
        {
            var name = Known(parsed.GetRequiredValue(provider));
            await using var database = await OperatorDatabase.OpenAsync();
            var reopened = await database.WriteAsync(async tx =>
            {
                var known = await GateStore.ReopenAsync(tx, name);
                if (known)
                {
                    var entry = new AuditEntry(AuditEntry.OfServer, "provider.reopened", name);
                    await AuditLog.AppendAsync(tx, Actor.CommandLine, entry, TimeProvider.System.GetUtcNow());
                }

                return known;
            });
            return new Answer(new JsonObject { ["reopened"] = reopened }, console => PlainLines.WriteLine(console, reopened
                ? $"{name} and all its keys are used again. Every node knows within a second."
                : $"{name} was not left alone: none of its submits has failed."));
        });
    }

    private static Command Pause()
    {
        var provider = new Argument<string>("provider") { Description = "A provider, such as fal" };
        var reason = new Option<string>("--reason") { Description = "Why, for the operators who come after you", Required = true };
        return new Command("pause", "Submit nothing more to a provider, on all nodes, until it is resumed; what runs there goes on")
        {
            provider, reason,
        }.Answering((parsed, _) => SetAsync(Known(parsed.GetRequiredValue(provider)), parsed.GetRequiredValue(reason)));
    }

    private static Command Resume()
    {
        var provider = new Argument<string>("provider") { Description = "A provider, such as fal" };
        return new Command("resume", "Submit to a provider again")
        {
            provider,
        }.Answering((parsed, _) => SetAsync(Known(parsed.GetRequiredValue(provider)), reason: null));
    }

    private static async Task<Answer> SetAsync(string name, string? reason)
    {
        await using var database = await OperatorDatabase.OpenAsync();
        var changed = await database.WriteAsync(async tx =>
        {
            var before = (await GateStore.FindAsync(tx, name)).Pause;
            var done = await GateStore.PauseAsync(tx, name, reason, TimeProvider.System.GetUtcNow());
            if (done)
            {
                await AuditLog.AppendAsync(
                    tx, Actor.CommandLine, ProviderOperations.EntryOf(name, before?.Reason, reason), TimeProvider.System.GetUtcNow());
            }

            return done;
        });
        var words = (reason is null, changed) switch
        {
            (false, true) => $"{name} gets nothing more until `providers resume {name}`. Every node knows within a second.",
            (false, false) => $"{name} is paused already.",
            (true, true) => $"{name} is in service again. Every node knows within a second.",
            _ => $"{name} is not paused.",
        };
        return new Answer(
            new JsonObject { ["provider"] = name, ["paused"] = reason is not null, ["changed"] = changed },
            console => PlainLines.WriteLine(console, words));
    }

    private static string Known(string name) => ProvidersFeature.Vendors.Any(vendor => vendor.Profile.Name == name)
        ? name
        : throw new StartException(
            "UNKNOWN_PROVIDER",
            $"There is no provider {name}. There are: {string.Join(", ", ProvidersFeature.Vendors.Select(vendor => vendor.Profile.Name))}.",
            StartException.BadSettings);

    private static Command Try()
    {
        var model = new Argument<string>("model") { Description = "A model of the catalogue" };
        var prompt = new Argument<string>("prompt") { Description = "The prompt; '' for a model without one" };
        var parameters = new Option<string[]>("--param", "-p") { Description = "A parameter, as name=value; repeatable" };
        var inputs = new Option<string[]>("--input", "-i") { Description = "An input file, as FILE or parameter=FILE; repeatable" };
        var provider = new Option<string?>("--provider")
        {
            Description = "Use this provider instead of the first that can serve the request",
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Spend the money without asking" };
        var command = new Command("try", "Make one real, paid call outside the ledger, and save its result here")
        {
            model, prompt, parameters, inputs, provider, yes,
        };
        return command.Answering(async (parsed, cancellationToken) =>
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
                "USAGE",
                "This costs money at the vendor, and there is no terminal to ask for confirmation. Add --yes to confirm.",
                StartException.BadSettings);
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
