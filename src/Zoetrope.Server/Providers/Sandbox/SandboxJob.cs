namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>A row of <c>sandbox_jobs</c>: the vendor's record of one job.</summary>
internal sealed class SandboxJob
{
    public required string AttemptId { get; init; }

    /// <summary>One of <see cref="SandboxStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>What to draw, with inputs named by their keys in the store.</summary>
    public string? Job { get; init; }

    /// <summary>The flags of <see cref="Sandbox.Magic"/>.</summary>
    public long Magic { get; init; }

    public long AcceptedAt { get; init; }

    public long ReadyAt { get; init; }

    /// <summary>The node that must draw it; empty: any.</summary>
    public string Node { get; init; } = "";

    public string? Owner { get; init; }

    public long? LeasedUntil { get; init; }

    public long Progress { get; init; }

    /// <summary>Why it failed; the input's fault if it is <see cref="SandboxStates.Refused"/>.</summary>
    public string? Error { get; init; }

    public string? Sha256 { get; init; }

    public string? Ext { get; init; }
}

internal static class SandboxStates
{
    /// <summary>Accepted, and nothing is drawn: its prompt says how it goes on.</summary>
    public const string Scripted = "scripted";
    public const string Waiting = "waiting";
    public const string Rendering = "rendering";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Refused = "refused";
    public const string Canceled = "canceled";
}
