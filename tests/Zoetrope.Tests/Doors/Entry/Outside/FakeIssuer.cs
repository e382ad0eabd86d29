using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zoetrope.Tests.Doors.Entry.Outside;

/// <summary>
/// An issuer of OpenID Connect over real HTTP: discovery, keys, codes that work once and only with their PKCE verifier, tokens signed with
/// RS256. What a test sets here is what a faulty or hostile issuer does.
/// </summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    public const string ClientId = "zoetrope";
    public const string ClientSecret = "the secret of a client, which no log may hold";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _unknown = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (JsonObject Claims, string Challenge, string Redirect)> _codes = new();
    private readonly ConcurrentDictionary<string, JsonObject> _access = new();

    private FakeIssuer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Who is signed in there, as its claims.</summary>
    public JsonObject Person { get; set; } = [];

    /// <summary>What is changed in the claims of the next tokens before they are signed.</summary>
    public Action<JsonObject> Forge { get; set; } = static _ => { };

    /// <summary><c>RS256</c>, <c>none</c>, <c>stripped</c> of its signature, <c>HS256</c> with the client's secret, or <c>unknown</c> for a key that is not published.</summary>
    public string Algorithm { get; set; } = "RS256";

    /// <summary>It answers nothing but errors.</summary>
    public bool IsAway { get; set; }

    public bool CodesWorkTwice { get; set; }

    /// <summary>Claims that it says only to whoever asks with the access token.</summary>
    public string[] OnlyAsked { get; set; } = [];

    /// <summary>What the answer to such a question has instead of the subject.</summary>
    public string? AskedSubject { get; set; }

    /// <summary>The queries with which browsers came.</summary>
    public ConcurrentQueue<IQueryCollection> Came { get; } = [];

    public Dictionary<string, string?> Settings => new()
    {
        ["Oidc:Issuer"] = Address, ["Oidc:ClientId"] = ClientId, ["Oidc:ClientSecret"] = ClientSecret, ["Oidc:Name"] = "Acme",
    };

    public static async Task<FakeIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new FakeIssuer(app);
        app.Use((context, next) =>
        {
            if (!issuer.IsAway)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        app.MapGet("/.well-known/openid-configuration", issuer.Discover);
        app.MapGet("/jwks", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", (Delegate)issuer.TokenAsync);
        app.MapGet("/userinfo", issuer.Asked);
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _unknown.Dispose();
    }

    /// <summary>Somebody new there, who signs in next.</summary>
    public void Is(string subject, string? email = null, bool verified = true, string[]? groups = null)
    {
        Person = new JsonObject { ["sub"] = subject, ["name"] = $"Name of {subject}" };
        if (email is not null)
        {
            (Person["email"], Person["email_verified"]) = (email, verified);
        }

        if (groups is not null)
        {
            Person["groups"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]);
        }
    }

    /// <summary>As at the start.</summary>
    public void BeHonest() => (Forge, Algorithm, IsAway, CodesWorkTwice, OnlyAsked, AskedSubject) = (static _ => { }, "RS256", false, false, [], null);

    private IResult Discover() => Json(new JsonObject
    {
        ["issuer"] = Address,
        ["authorization_endpoint"] = Address + "/authorize",
        ["token_endpoint"] = Address + "/token",
        ["jwks_uri"] = Address + "/jwks",
        ["userinfo_endpoint"] = Address + "/userinfo",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    });

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Json(new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = "one", ["alg"] = "RS256", ["n"] = Text(key.Modulus!), ["e"] = Text(key.Exponent!),
            }),
        });
    }

    // As if the person had entered their password on its page.
    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        Came.Enqueue(query);
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Split(' ').Contains("openid"))
        {
            return Results.BadRequest();
        }

        var code = Text(RandomNumberGenerator.GetBytes(16));
        var claims = Person.DeepClone().AsObject();
        claims["nonce"] = query["nonce"].ToString();
        _codes[code] = (claims, query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var code = form["code"].ToString();
        var isKnown = CodesWorkTwice ? _codes.TryGetValue(code, out var given) : _codes.TryRemove(code, out given);
        if (!isKnown || form["client_secret"] != ClientSecret || form["redirect_uri"] != given.Redirect
            || Text(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != given.Challenge)
        {
            return Json(new JsonObject { ["error"] = "invalid_grant" }, StatusCodes.Status400BadRequest);
        }

        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = given.Claims.DeepClone().AsObject();
        claims["iss"] = Address;
        claims["aud"] = ClientId;
        claims["iat"] = now;
        claims["exp"] = now + 3600;
        foreach (var claim in OnlyAsked)
        {
            claims.Remove(claim);
        }

        Forge(claims);
        var access = Text(RandomNumberGenerator.GetBytes(16));
        _access[access] = given.Claims;
        return Json(new JsonObject { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = Sign(claims) });
    }

    private IResult Asked(HttpContext context)
    {
        if (!_access.TryGetValue(context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal), out var claims))
        {
            return Results.Unauthorized();
        }

        var answer = claims.DeepClone().AsObject();
        answer.Remove("nonce");
        answer["sub"] = AskedSubject ?? answer["sub"]!.DeepClone();
        return Json(answer);
    }

    private string Sign(JsonObject claims)
    {
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = Algorithm is "unknown" or "stripped" ? "RS256" : Algorithm, ["kid"] = Algorithm == "unknown" ? "two" : "one" };
        var text = $"{Text(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Text(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = Algorithm switch
        {
            "none" or "stripped" => [],
            "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(ClientSecret), bytes),
            "unknown" => _unknown.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{text}.{Text(signature)}";
    }

    private static IResult Json(JsonObject value, int status = StatusCodes.Status200OK) => Results.Text(value.ToJsonString(), "application/json", Encoding.UTF8, status);

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
