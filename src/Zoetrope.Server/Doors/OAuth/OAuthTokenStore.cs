using System.Collections.Immutable;
using System.Text.Json;
using OpenIddict.Abstractions;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The issued codes and tokens as OpenIddict keeps them. It asks for no lists: what is old goes by
/// <see cref="OAuthTokens.PruneAsync"/>.
/// </summary>
internal sealed class OAuthTokenStore(OAuthTokens tokens, TimeProvider time) : OAuthTokenStoreBase, IOpenIddictTokenStore<OAuthToken>
{
    public ValueTask CreateAsync(OAuthToken token, CancellationToken cancellationToken) => new(tokens.AddAsync(token));

    public ValueTask<OAuthToken?> FindByIdAsync(string identifier, CancellationToken cancellationToken) => tokens.FindAsync(identifier);

    public ValueTask<OAuthToken?> FindByReferenceIdAsync(string identifier, CancellationToken cancellationToken) =>
        tokens.FindByReferenceAsync(identifier);

    public ValueTask<string?> GetApplicationIdAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.ClientId);

    public ValueTask<string?> GetAuthorizationIdAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.GrantId);

    public ValueTask<DateTimeOffset?> GetCreationDateAsync(OAuthToken token, CancellationToken cancellationToken) =>
        new(Time(token.CreatedAt));

    public ValueTask<DateTimeOffset?> GetExpirationDateAsync(OAuthToken token, CancellationToken cancellationToken) =>
        new(Time(token.ExpiresAt));

    public ValueTask<string?> GetIdAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.Id);

    public ValueTask<string?> GetPayloadAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.Payload);

    public ValueTask<ImmutableDictionary<string,JsonElement>> GetPropertiesAsync(OAuthToken token, CancellationToken cancellationToken) =>
        new(
            token.Properties is null
                ? ImmutableDictionary<string, JsonElement>.Empty
                : JsonSerializer.Deserialize<ImmutableDictionary<string, JsonElement>>(token.Properties)!);

    public ValueTask<DateTimeOffset?> GetRedemptionDateAsync(OAuthToken token, CancellationToken cancellationToken) =>
        new(Time(token.RedeemedAt));

    public ValueTask<string?> GetReferenceIdAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.ReferenceId);

    public ValueTask<string?> GetStatusAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.Status);

    public ValueTask<string?> GetSubjectAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.Subject);

    public ValueTask<string?> GetTypeAsync(OAuthToken token, CancellationToken cancellationToken) => new(token.Type);

    public ValueTask<OAuthToken> InstantiateAsync(CancellationToken cancellationToken) =>
        new(new OAuthToken { Id = Ids.New("tok_", time) });

    public ValueTask<long> RevokeByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken) =>
        new(tokens.EndGrantAsync(identifier));

    public ValueTask SetApplicationIdAsync(OAuthToken token, string? identifier, CancellationToken cancellationToken) =>
        Done(token.ClientId = identifier);

    public ValueTask SetAuthorizationIdAsync(OAuthToken token, string? identifier, CancellationToken cancellationToken) =>
        Done(token.GrantId = identifier);

    public ValueTask SetCreationDateAsync(OAuthToken token, DateTimeOffset? date, CancellationToken cancellationToken) =>
        Done(token.CreatedAt = date?.ToUnixTimeMilliseconds());

    public ValueTask SetExpirationDateAsync(OAuthToken token, DateTimeOffset? date, CancellationToken cancellationToken) =>
        Done(token.ExpiresAt = date?.ToUnixTimeMilliseconds());

    public ValueTask SetPayloadAsync(OAuthToken token, string? payload, CancellationToken cancellationToken) =>
        Done(token.Payload = payload);

    public ValueTask SetPropertiesAsync(
        OAuthToken token, ImmutableDictionary<string,JsonElement> properties, CancellationToken cancellationToken) =>
        Done(token.Properties = properties is { Count: > 0 } ? JsonSerializer.Serialize(properties) : null);

    public ValueTask SetRedemptionDateAsync(OAuthToken token, DateTimeOffset? date, CancellationToken cancellationToken) =>
        Done(token.RedeemedAt = date?.ToUnixTimeMilliseconds());

    public ValueTask SetReferenceIdAsync(OAuthToken token, string? identifier, CancellationToken cancellationToken) =>
        Done(token.ReferenceId = identifier);

    public ValueTask SetStatusAsync(OAuthToken token, string? status, CancellationToken cancellationToken) => Done(token.Status = status);

    public ValueTask SetSubjectAsync(OAuthToken token, string? subject, CancellationToken cancellationToken) =>
        Done(token.Subject = subject);

    public ValueTask SetTypeAsync(OAuthToken token, string? type, CancellationToken cancellationToken) => Done(token.Type = type);

    public ValueTask UpdateAsync(OAuthToken token, CancellationToken cancellationToken) => new(tokens.SaveAsync(token));

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    private static ValueTask Done<T>(T _) => ValueTask.CompletedTask;
}
