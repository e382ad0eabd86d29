using System.Collections.Concurrent;
using SkiaSharp;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Fixtures;

/// <summary>What a vendor was asked for: the shape of the result, its own fields, and the sizes of the pictures it got.</summary>
internal sealed record Asked(string Model, int Width, int Height, string Format, double Seconds, string Fields, string Pictures);

/// <summary>A vendor that writes down what it is asked and refuses all of it, so that nothing has to be made.</summary>
internal sealed class RecordingVendor(string name) : IProviderAdapter
{
    private readonly ConcurrentDictionary<string, Asked> _asked = new();

    public ProviderProfile Profile { get; } = new()
    {
        Name = name,
        Title = "Recording",
        Keyless = true,
        Inputs = new InputForm { ImageTypes = ["image/jpeg", "image/png"] },
    };

    public EvidenceClass Evidence => EvidenceClass.None;

    /// <summary>By the prompt; a request without one is found under the empty text.</summary>
    public Asked this[string prompt] => _asked[prompt];

    public bool Has(string prompt) => _asked.ContainsKey(prompt);

    public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => body.DataUri(input));

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        var pictures = request.Inputs.Where(static input => input.ContentType.StartsWith("image/", StringComparison.Ordinal)).Select(Stored);
        _asked[request.Prompt] = new Asked(request.Model, request.Output.Width, request.Output.Height, request.Output.Format,
            Math.Round(request.Output.DurationSeconds, 2), prepared.Sent.ToJsonString(), string.Join(',', pictures));
        return Task.FromResult<SubmitResult>(new SubmitResult.Refused(new ProviderError(ProviderErrorKind.ContentRefused, "recorded", "It was written down.")));
    }

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    // What a decoder sees that knows nothing of orientations.
    private static string Stored(ProviderInput input)
    {
        using var codec = SKCodec.Create(input.Path);
        return $"{codec.Info.Width}x{codec.Info.Height} {codec.EncodedOrigin}";
    }
}
