using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The programs that the key gave access to.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>The programs that this key gave access to on the consent page, newest first.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Those that have it now.</returns>
    public async Task<IReadOnlyList<GrantState>> GrantsAsync(CancellationToken cancellationToken = default)
    {
        var list = await _transport.CallAsync(() => new HttpRequestMessage(HttpMethod.Get, "api/v1/grants"), GrantJson.Default.EnvelopeGrantList, cancellationToken).ConfigureAwait(false);
        return list.Grants;
    }

    /// <summary>Changes what a program may spend.</summary>
    /// <param name="grantId">The grant's id.</param>
    /// <param name="request">The new limits; null keeps one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The grant as it is now.</returns>
    public Task<GrantState> ChangeGrantAsync(string grantId, GrantRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Patch, Grant(grantId)) { Content = JsonContent.Create(request, GrantJson.Default.GrantRequest) },
            GrantJson.Default.EnvelopeGrantState,
            cancellationToken);

    /// <summary>Ends a program's access. Tasks that it has started go on.</summary>
    /// <param name="grantId">The grant's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The grant at its end.</returns>
    public Task<GrantState> EndGrantAsync(string grantId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(() => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, Grant(grantId))), GrantJson.Default.EnvelopeGrantState, cancellationToken);

    private static string Grant(string id) => $"api/v1/grants/{Uri.EscapeDataString(id)}";
}

/// <summary>How grants are read and written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(Envelope<GrantList>))]
[JsonSerializable(typeof(Envelope<GrantState>))]
internal sealed partial class GrantJson : JsonSerializerContext;
