using System.Text.Json.Serialization;

namespace Zoetrope.Cli.Logins;

/// <summary>What a person allowed this tool in a browser: its registration at the server, and the tokens of now.</summary>
internal sealed record StoredLogin
{
    public required string ClientId { get; init; }

    public required string AccessToken { get; init; }

    public required string RefreshToken { get; init; }

    /// <summary>When the access token ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    // A record prints its members, and tokens must not reach a terminal by accident.
    public override string ToString() => ClientId;
}

/// <summary>An answer of the server's OAuth door, in OAuth's own names.</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("client_id")]
    public string? ClientId { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    [JsonPropertyName("expires_in")]
    public long ExpiresIn { get; init; }

    public string? Error { get; init; }

    [JsonPropertyName("error_description")]
    public string? Description { get; init; }
}
