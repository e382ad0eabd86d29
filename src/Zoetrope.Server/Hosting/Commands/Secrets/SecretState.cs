using System.Text.Json.Nodes;
using Zoetrope.Server.Hosting.Cluster;

namespace Zoetrope.Server.Hosting.Commands.Secrets;

/// <summary>What an operator is told of a secret.</summary>
internal sealed record SecretState(string Name, string Kept, DateTimeOffset Since, DateTimeOffset? NextAt, DateTimeOffset? PreviousUntil)
{
    public string Change =>
        NextAt is { } next ? $"its successor signs from {PlainLines.Seconds(WireTime.Text(next))}"
        : PreviousUntil is { } until ? $"its predecessor is accepted until {PlainLines.Seconds(WireTime.Text(until))}"
        : "";

    public static SecretState Of(SecretRow row) => new(
        SecretFiles.SecretOf(row.Name),
        row.Sealed is null ? "on the nodes; a fingerprint in the database" : "sealed in the database",
        DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
        Moment(row.NextAt),
        Moment(row.PreviousUntil));

    /// <summary>Of files; null where there is none.</summary>
    public static SecretState? Of(string dataDirectory, Secret secret)
    {
        var file = new FileInfo(SecretFiles.PathOf(dataDirectory, secret.Name));
        return !file.Exists ? null : new SecretState(
            secret.Name,
            file.FullName,
            file.LastWriteTimeUtc,
            null,
            SecretFiles.PreviousUntil(dataDirectory, secret));
    }

    public JsonObject Json() => new()
    {
        ["name"] = Name,
        ["kept"] = Kept,
        ["since"] = WireTime.Text(Since),
        ["nextSignsAt"] = NextAt is { } next ? WireTime.Text(next) : null,
        ["previousUntil"] = PreviousUntil is { } until ? WireTime.Text(until) : null,
    };

    private static DateTimeOffset? Moment(long? milliseconds) =>
        milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
