using System.Net.Http.Headers;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Tests.Providers.Toy;

/// <summary>A whole vendor: what a folder of Providers needs and nothing more.</summary>
internal sealed class ToyAdapter(ProviderTools tools, ToyOptions options) : IProviderAdapter
{
    public static readonly ProviderProfile Vendor = new() { Name = "toy", Title = "Toy works", KeyVariables = ["TOY_API_KEY"] };

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.None;

    public PreparedSubmit Prepare(ProviderRequest request) => ToyWire.Prepare(request, options);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        var call = Call(HttpMethod.Post, "toys", request.Key);
        call.Content = prepared.Body.ToContent();
        return tools.Client.SubmitAsync(call, ToyWire.ReadCreated, VendorClient.ByStatus, cancellationToken);
    }

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        tools.Client.PollAsync(Call(HttpMethod.Get, $"toys/{Uri.EscapeDataString(providerTaskId)}", request.Key), ToyWire.ReadToy, cancellationToken);

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<LookupResult>(new LookupResult.Impossible("A toy is not found again."));

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        Task.FromResult<CheckResult>(new CheckResult.NotPossible("A toy has no account."));

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(CancelResult.Refused);

    private HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(tools.BaseUrl, path));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return call;
    }
}

/// <summary>The toy's words.</summary>
internal static class ToyWire
{
    public static PreparedSubmit Prepare(ProviderRequest request, ToyOptions options)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.DataUri(input), modelField: "toy");
        prepared.Set("colour", options.Colour);
        return prepared;
    }

    public static SubmitResult? ReadCreated(VendorAnswer answer) =>
        answer.Json.TextAt("id") is { } id ? new SubmitResult.Accepted(id, TimeSpan.FromMilliseconds(50)) : null;

    public static PollResult? ReadToy(VendorAnswer answer) => answer.Json.TextAt("state") switch
    {
        "ready" when answer.Json.UrlAt("url") is { } url => new PollResult.Succeeded([new ProviderOutput(url, null)]),
        "working" => new PollResult.Running(PollAfter: TimeSpan.FromMilliseconds(50)),
        _ => null,
    };
}

/// <summary>Section <c>Zoetrope:Toy</c>.</summary>
internal sealed class ToyOptions
{
    public string Colour { get; init; } = "red";
}

internal static class ToyFeature
{
    public static VendorList AddToy(this VendorList vendors) =>
        vendors.Add(ToyAdapter.Vendor, "Toy", static (ProviderTools tools, ToyOptions options) => new ToyAdapter(tools, options));
}
