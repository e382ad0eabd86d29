using System.Globalization;
using System.Text;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>A model in Markdown: what it makes, what it takes, what it costs, and a request that works as it stands.</summary>
internal static class ModelText
{
    public static string Of(ModelSpec model, bool isLive, string address)
    {
        var text = new StringBuilder(4096);
        text.Append(CultureInfo.InvariantCulture, $"# {MarkdownText.Plain(model.Name)}, {model.Mode}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{MarkdownText.Plain(model.Description)}\n\n");
        if (Ending(model) is { } ending)
        {
            text.Append(CultureInfo.InvariantCulture, $"**{ending}**\n\n");
        }

        text.Append("| What | Answer |\n|---|---|\n");
        Fact("Model", MarkdownText.Code(model.Id));
        Fact("Also called", string.Join(", ", model.Aliases.Select(MarkdownText.Code)));
        Fact("Vendor", MarkdownText.Plain(model.Vendor));
        Fact("Makes", $"{(model.MediaType == MediaType.Image ? "an image" : "a video")} ({model.Mode})");
        Fact("Takes", ModelPages.Takes(model));
        Fact("With a test key", "the sandbox draws it");
        Fact("With a live key", isLive ? "works on this server" : "not configured on this server");

        text.Append("\n## Price\n\n");
        PriceText.Write(text, model.Price);
        if (ModelPrice.Default(model) is { } usual)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nA request that sets nothing but the prompt costs {Credits(usual)}.\n");
        }

        text.Append("\n## Parameters\n\n| Name | Type | Default | Allowed | Meaning |\n|---|---|---|---|---|\n");
        if (model.Prompt.MaxLength > 1)
        {
            Row("prompt", model.Prompt.Required, "string", "", $"at most {model.Prompt.MaxLength} characters", "What to make.");
        }

        foreach (var parameter in model.Parameters)
        {
            Row(
                parameter.Name, parameter.Required, TypeOf(parameter),
                parameter.Default.IsSet ? MarkdownText.Code(parameter.Default.ToText(parameter.Type)) : "",
                MarkdownText.Plain(parameter.Allowed()), About(parameter));
        }

        text.Append("\nNames with a star are required.\n");
        foreach (var rule in model.Rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {MarkdownText.Plain(rule.Message)}");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"""


            ## An example

            ```sh
            curl -s {address}/api/v1/generate \
              -H "Authorization: Bearer $ZOETROPE_API_KEY" -H 'Content-Type: application/json' \
              -d '{ModelExample.Of(model).Replace("'", @"'\''", StringComparison.Ordinal)}'
            ```

            The answer has the task's `id`; read the result at `{address}/api/v1/tasks/{"{id}"}?wait=30`. The same body at
            `/api/v1/estimate` says what it costs and starts nothing. [How requests work](/docs).

            """);
        return text.ToString();

        void Fact(string name, string value)
        {
            if (value.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
            }
        }

        void Row(string name, bool required, string type, string usual, string allowed, string about) => text.Append(
            CultureInfo.InvariantCulture, $"| {MarkdownText.Code(name)}{(required ? " \\*" : "")} | {type} | {usual} | {allowed} | {about} |\n");
    }

    public static string Credits(long credits) =>
        string.Create(CultureInfo.InvariantCulture, $"{credits} {(credits == 1 ? "credit" : "credits")}");

    private static string? Ending(ModelSpec model)
    {
        var (lifecycle, instead) = (model.Lifecycle, model.Lifecycle.Replacement is { } id ? $" Use [{id}]({ModelPages.Root}{id}) instead." : "");
        var day = lifecycle.Shutdown?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return lifecycle.Status switch
        {
            LifecycleStatus.Retired => $"This model is retired.{instead}",
            LifecycleStatus.Deprecated when day is not null => $"Its vendor stops serving it on {day}.{instead}",
            LifecycleStatus.Deprecated => $"This model is deprecated.{instead}",
            _ => null,
        };
    }

    private static string TypeOf(ParameterSpec parameter) => parameter.Type switch
    {
        ParameterType.StringArray => parameter.Input is null ? "list of strings" : "list of URLs",
        ParameterType.ObjectArray => "list of objects",
        ParameterType.String when parameter.Input is not null => "URL",
        var type => type.ToString().ToLowerInvariant(),
    };

    private static string About(ParameterSpec parameter)
    {
        var parts = new List<string>();
        if (parameter.Description.Length > 0)
        {
            parts.Add(MarkdownText.Plain(parameter.Description.TrimEnd('.')) + ".");
        }

        if (parameter.RequiredWhen is { } when)
        {
            parts.Add($"Required if {MarkdownText.Code(when.Parameter)} is {MarkdownText.Code(when.Text)}.");
        }

        if (parameter.Limits is { } limits)
        {
            var types = string.Join(", ", limits.ContentTypes.Select(type => type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..]));
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{MarkdownText.Plain(types)}, up to {limits.MaxBytes / 1_048_576.0:0.#} MiB{Seconds(limits)}."));
        }

        return string.Join(" ", parts);
    }

    private static string Seconds(InputLimits limits) => (limits.MinSeconds, limits.MaxSeconds) switch
    {
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $", {min} to {max} s"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $", up to {max} s"),
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $", from {min} s"),
        _ => "",
    };
}
