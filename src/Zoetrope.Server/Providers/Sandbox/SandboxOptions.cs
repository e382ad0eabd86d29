namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>Section <c>Zoetrope:Sandbox</c>: the built-in renderer.</summary>
internal sealed class SandboxOptions
{
    /// <summary>Renders at a time; each has its own worker process. 0 is half of the processors.</summary>
    public int RenderSlots { get; set; }

    /// <summary><see cref="RenderSlots"/> with its default resolved.</summary>
    internal int Slots => RenderSlots > 0 ? RenderSlots : Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How long a job is kept after its result was read.</summary>
    public TimeSpan JobTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a job is kept that nobody reads.</summary>
    public TimeSpan UnreadTtl { get; set; } = TimeSpan.FromDays(2);

    /// <summary>Longest render.</summary>
    public TimeSpan RenderTimeout { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>A worker that says nothing for so long is replaced.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(3);
}
