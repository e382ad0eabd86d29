namespace Zoetrope.Server.Audit;

/// <summary>Who changed something, and by which way: the part of a row of the audit log that is the same for every change.</summary>
/// <param name="Kind"><c>key</c>, <c>grant</c>, <c>session</c>, <c>newcomer</c>, <c>operator</c>, <c>cli</c> or <c>server</c>.</param>
/// <param name="Id">The credential, if one was used.</param>
/// <param name="Door">The dialect: <c>api</c>, <c>admin</c>, <c>oauth</c>, <c>cli</c> or <c>server</c>.</param>
internal sealed record Actor(string Kind, string? Id, string Door)
{
    /// <summary>Whoever runs commands on the server's machine.</summary>
    public static readonly Actor CommandLine = new("cli", null, "cli");

    /// <summary>The server itself, at its first start or where it notices a theft.</summary>
    public static readonly Actor Server = new("server", null, "server");

    /// <summary>The person behind the credential, if it is a person's.</summary>
    public string? PersonId { get; init; }

    /// <summary>The IP address that the request came from.</summary>
    public string? Address { get; init; }

    public string? RequestId { get; init; }

    public static Actor Of(Caller caller, string door) =>
        new(caller.Session is not null ? "session" : caller.Granter is null ? "key" : "grant", caller.Session?.Id ?? caller.ApiKeyId, door)
        {
            PersonId = caller.PersonId,
        };

    public static Actor Operator(string door) => new("operator", null, door);
}
