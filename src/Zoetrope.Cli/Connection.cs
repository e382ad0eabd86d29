using System.CommandLine;
using Zoetrope.Cli.Logins;

namespace Zoetrope.Cli;

/// <summary>
/// Which server, and with which key. An option wins over the environment, which wins over the profile. A stored key goes only to the
/// server it was stored for.
/// </summary>
internal sealed record Connection(Uri BaseUrl, string? ApiKey, string? AdminKey)
{
    /// <summary>Where the key is the access token of a login in a browser.</summary>
    public StoredLogin? Login { get; private init; }

    public string Profile { get; private init; } = Profiles.Default;

    public static readonly Uri ThisMachine = new("http://127.0.0.1:8080");

    public static Option<string?> BaseUrlOption { get; } = new("--base-url")
    {
        Description = "The server's URL (ZOETROPE_BASE_URL); http://127.0.0.1:8080 by default",
        Recursive = true,
        HelpName = "url",
    };

    public static Option<string?> ApiKeyOption { get; } = new("--api-key")
    {
        Description = "The API key; prefer ZOETROPE_API_KEY, because other users of this machine can see command lines",
        Recursive = true,
        HelpName = "key",
    };

    public static Option<string?> ProfileOption { get; } = new("--profile")
    {
        Description = "Which login to use (ZOETROPE_PROFILE)",
        Recursive = true,
        HelpName = "name",
    };

    public static string ProfileName(ParseResult parsed) =>
        parsed.GetValue(ProfileOption) ?? Variable("ZOETROPE_PROFILE") ?? Profiles.Default;

    public static Connection Read(ParseResult parsed, Profiles profiles)
    {
        var name = ProfileName(parsed);
        var profile = profiles.Find(name);
        if (profile is null && name != Profiles.Default)
        {
            throw CliException.Usage($"The profile {name} does not exist.", $"zoetrope login --profile {name}    creates it");
        }

        var stored = profile is null ? null : Address(profile.BaseUrl, profiles.Path);
        var given = parsed.GetValue(BaseUrlOption) ?? Variable("ZOETROPE_BASE_URL") ?? Variable("VICSEE_BASE_URL");
        var address = given is null ? stored ?? ThisMachine : Address(given, "--base-url");
        var isStored = stored is not null
            && Uri.Compare(stored, address, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
        var key = parsed.GetValue(ApiKeyOption) ?? Variable("ZOETROPE_API_KEY") ?? Variable("VICSEE_API_KEY")
            ?? (isStored ? profile!.ApiKey : null);
        var login = isStored && key is null ? profile!.Login : null;
        return new Connection(
            address, key ?? login?.AccessToken, Variable("ZOETROPE_ADMIN_KEY") ?? (isStored ? profile!.AdminKey : null))
        {
            Login = login,
            Profile = name,
        };
    }

    public static Uri Address(string text, string where)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0)
        {
            throw CliException.Usage($"{where}: '{text}' is not the URL of a server.", "Write it as https://media.example.com");
        }

        // VicSee's own clients are configured with the address of the API rather than of the server.
        var path = address.AbsolutePath.TrimEnd('/');
        return path.EndsWith("/api/v1", StringComparison.Ordinal) ? new Uri(address, path[..^"/api/v1".Length] + "/") : address;
    }

    /// <summary>The base of all relative paths; the server may itself be below a path.</summary>
    public Uri Root => BaseUrl.AbsoluteUri.EndsWith('/') ? BaseUrl : new Uri(BaseUrl.AbsoluteUri + "/");

    public string RequireApiKey() => ApiKey ?? throw CliException.Usage(
        $"There is no API key for {BaseUrl}.",
        "zoetrope login              stores one for you",
        "zoetrope login --browser    logs in without one, in your browser",
        "export ZOETROPE_API_KEY=sk-…");

    public string RequireAdminKey() => AdminKey ?? throw CliException.Usage(
        $"There is no operator's key for {BaseUrl}. Only the operator can manage the API keys of all accounts.",
        "zoetrope keys own         manages those of your account, with a key that has the scope keys",
        "zoetrope login --admin    stores one for you",
        "export ZOETROPE_ADMIN_KEY=zadm-…    (the server keeps it in secrets/admin.key of its data directory)");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
