using System.CommandLine;
using System.Text.Json;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>generate</c>, and <c>image</c> and <c>video</c> which choose a model where none is named.</summary>
internal static class GenerateCommand
{
    private const string FromStdin = "-";

    public static Command Generate(Interruption interruption)
    {
        var model = new Argument<string>("model") { Description = "A model's id, alias or family (zoetrope models)" };
        model.CompletionSources.Add(ModelNames.Complete);
        var prompt = Prompt();
        var (parameters, production) = (new Parameters(), new Production());
        var command = new Command("generate", "Make an image or a video with a model and save it") { model, prompt };
        parameters.AddTo(command);
        production.AddTo(command);
        return command.Doing(interruption, async invocation =>
        {
            production.Check(invocation);
            var name = invocation.Value(model);
            var text = await ReadPromptAsync(invocation, invocation.Value(prompt));
            var kinds = parameters.Kinds(invocation);

            // Which member of a family these files mean, and how it calls them, the server knows.
            var listing = parameters.AreGiven(invocation)
                ? await invocation.Client.ModelAsync(name, kinds, invocation.CancellationToken)
                : null;
            var id = kinds.Count > 0 ? listing!.Id : name;
            await RunAsync(invocation, production, await parameters.ReadAsync(invocation, id, listing, text));
        });
    }

    public static Command Of(string type, Interruption interruption)
    {
        var variable = $"ZOETROPE_{type.ToUpperInvariant()}_MODEL";
        var model = new Option<string?>("--model", "-m")
        {
            Description = $"A model's id, alias or family ({variable}); by default the first model that fits",
            HelpName = "model",
        };
        model.CompletionSources.Add(ModelNames.Complete);
        var prompt = Prompt();
        var (parameters, production) = (new Parameters(), new Production());
        var what = type == "image" ? "an image" : "a video";
        var command = new Command(type, $"Make {what} from a prompt and save it; the model is chosen for you") { prompt, model };
        parameters.AddTo(command);
        production.AddTo(command);
        return command.Doing(interruption, async invocation =>
        {
            production.Check(invocation);
            var text = await ReadPromptAsync(invocation, invocation.Value(prompt));
            var wanted = invocation.Value(model) ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } name ? name : null);
            var kinds = parameters.Kinds(invocation);
            var listing = wanted is null
                ? CatalogSearch.Choose(await invocation.Client.ModelsAsync(type, invocation.CancellationToken), type, kinds)
                : await NamedAsync(invocation, wanted, type, kinds);
            if (listing is null)
            {
                throw CliException.Usage(
                    $"No available model makes {what} from these inputs.", $"zoetrope models --type {type} lists the models");
            }

            if (listing.MediaType != type)
            {
                throw CliException.Usage(
                    $"{listing.Id} makes {listing.MediaType}s.", $"zoetrope {listing.MediaType} --model {listing.Id} makes one");
            }

            await RunAsync(invocation, production, await parameters.ReadAsync(invocation, listing.Id, listing, text));
        });
    }

    private static async Task<ModelListing> NamedAsync(
        Invocation invocation, string name, string type, IReadOnlyCollection<string> kinds)
    {
        try
        {
            return await invocation.Client.ModelAsync(name, kinds, invocation.CancellationToken);
        }
        catch (ZoetropeRefusedException refusal) when (refusal.Status == 404)
        {
            throw CliException.Usage(refusal.Error.Message, $"zoetrope models --type {type} lists the models");
        }
    }

    private static Argument<string?> Prompt() =>
        new("prompt") { Description = "What to show; - reads it from stdin", Arity = ArgumentArity.ZeroOrOne };

    private static async Task<string?> ReadPromptAsync(Invocation invocation, string? given)
    {
        if (given != FromStdin)
        {
            return given;
        }

        var text = (await Console.In.ReadToEndAsync(invocation.CancellationToken)).Trim();
        return text.Length > 0 ? text : throw CliException.Usage("There is no prompt: stdin was empty.");
    }

    private static Task RunAsync(Invocation invocation, Production production, GenerateRequest wanted)
    {
        var request = wanted with { Tags = production.Tags(invocation), User = production.User(invocation) };
        return production.RunAsync(invocation, request, key => StartAsync(invocation, request, key));
    }

    private static async Task<Started> StartAsync(Invocation invocation, GenerateRequest request, string key)
    {
        var created = await invocation.Client.GenerateAsync(request, key, invocation.CancellationToken);
        return new Started(
            created.Id,
            created.Model,
            created.CreditsUsed,
            created.CreditsRemaining,
            JsonSerializer.SerializeToNode(created, CliJson.Default.TaskCreated)!);
    }
}
