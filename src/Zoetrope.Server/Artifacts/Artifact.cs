namespace Zoetrope.Server.Artifacts;

/// <summary>Why a file is kept.</summary>
internal enum ArtifactRole
{
    Output,
    Poster,
    Input,
    Upload,
}

/// <summary>A stored file of an account.</summary>
internal sealed record Artifact
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public required KeyMode Mode { get; init; }

    public required ArtifactRole Role { get; init; }

    public required MediaProbe Probe { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// A poster that nobody has asked for: it has no bytes yet and names its result's hash. <see cref="Posters"/> draws it.
    /// </summary>
    public bool IsUndrawn => Role is ArtifactRole.Poster && Probe.Bytes == 0;

    public ArtifactKey Key => new(Probe.Sha256, Probe.Extension);
}
