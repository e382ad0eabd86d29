using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.OpenAi;

/// <summary>OpenAI's words: JSON from a text, a form with the pictures themselves from pictures, and the codes of its errors.</summary>
internal static class OpenAiWire
{
    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.DataUri(input));
        prepared.Body.Json["model"] = prepared.Model;
        return prepared;
    }

    /// <summary>The same as a form; files are read from disk while it is sent.</summary>
    public static MultipartFormDataContent Form(ProviderRequest request, PreparedSubmit prepared)
    {
        var form = new MultipartFormDataContent();
        Add(form, "model", prepared.Model);
        foreach (var field in prepared.Fields)
        {
            Add(form, field.Path, TextOf(field.Value));
        }

        foreach (var field in request.Route.Fields)
        {
            foreach (var (input, number) in RouteTranslation.FilesOf(request, field))
            {
                field.Paths.ToList().ForEach(path => AddFile(form, path.Text, input, number));
            }
        }

        return form;
    }

    /// <summary>
    /// From any error answer. Known codes decide whatever the status is: an empty account comes as 400 and as 429. Servers that
    /// only resemble OpenAI's have other shapes; then the status decides.
    /// </summary>
    public static ProviderError? ReadRefusal(VendorAnswer answer)
    {
        var error = answer.Json.At("error") ?? default;
        var code = error.TextAt("code");
        var type = error.TextAt("type");
        var message = error.TextAt("message")
            ?? answer.Json.TextAt("error")
            ?? answer.Json.TextAt("message")
            ?? answer.Json.TextAt("detail")
            ?? answer.Text;
        if ((OfCode(code) ?? OfCode(type)) is { } kind)
        {
            // A refused result was made before it was refused, and its tokens may be billed.
            var made = kind is ProviderErrorKind.ContentRefused && error.TextAt("moderation_details", "moderation_stage") == "output";
            return new ProviderError(kind, code ?? type!, message, answer.RetryAfter, made);
        }

        return VendorClient.ByStatus(answer) is { } byStatus
            ? byStatus with { VendorCode = code ?? type ?? byStatus.VendorCode, VendorMessage = message }
            : null;
    }

    /// <summary>Its words for "not now" in a 503: overloaded, or asked too fast.</summary>
    public static ProviderError? NotNow(VendorAnswer answer)
    {
        var error = answer.Json.At("error") ?? default;
        var message = error.TextAt("message") ?? "";
        var code = error.TextAt("code") ?? error.TextAt("type");
        return error.ValueKind is JsonValueKind.Object
            && (code is "server_is_overloaded" or "slow_down" or "service_unavailable_error"
                || error.TextAt("type") is "service_unavailable_error"
                || message.Contains("currently overloaded", StringComparison.OrdinalIgnoreCase)
                || message.Contains("slow down", StringComparison.OrdinalIgnoreCase))
                ? VendorClient.NotNow(answer, code ?? "overloaded", message)
                : null;
    }

    /// <summary>From an answer of <c>/models</c>, which a server that only resembles OpenAI's need not have.</summary>
    public static CheckResult? ReadModels(VendorAnswer answer) => answer.Status switch
    {
        404 or 405 => new CheckResult.NotPossible("The server does not list its models."),
        _ when answer.IsSuccess => answer.Json.At("data") is { ValueKind: JsonValueKind.Array } models
            ? new CheckResult.Proven(string.Create(CultureInfo.InvariantCulture, $"{models.GetArrayLength()} models"))
            : null,
        _ => ReadRefusal(answer) is { } error ? new CheckResult.Rejected(error) : null,
    };

    private static ProviderErrorKind? OfCode(string? code) => code switch
    {
        "moderation_blocked" or "content_policy_violation" or "sentinel_block" => ProviderErrorKind.ContentRefused,
        "insufficient_quota" or "billing_hard_limit_reached" or "project_spend_limit_exceeded" or "billing_not_active" =>
            ProviderErrorKind.QuotaExhausted,
        "rate_limit_exceeded" => ProviderErrorKind.RateLimited,
        "invalid_api_key" or "account_deactivated" => ProviderErrorKind.Auth,
        "model_not_found" => ProviderErrorKind.Unavailable,
        _ => null,
    };

    private static void Add(MultipartFormDataContent form, string name, string text)
    {
        var part = new StringContent(text);

        // Some parsers of forms take a part with a type for a file.
        part.Headers.ContentType = null;
        form.Add(part, Quoted(name));
    }

    private static void AddFile(MultipartFormDataContent form, string name, ProviderInput input, int number)
    {
        var part = new StreamContent(
            new FileStream(
                input.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan));
        part.Headers.ContentType = new MediaTypeHeaderValue(input.ContentType);
        form.Add(part, Quoted(name), string.Create(CultureInfo.InvariantCulture, $"image-{number}.{input.ContentType["image/".Length..]}"));
    }

    // Not all parsers know a name without quotes.
    private static string Quoted(string name) => $"\"{name}\"";

    private static string TextOf(JsonNode value) =>
        value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
