using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>What became of a provider's result files.</summary>
internal abstract record IngestResult
{
    /// <summary>The files are in the store; <see cref="SaveAsync"/> writes their rows in the generation's last transaction.</summary>
    internal sealed record Stored(List<GenerationResult> Results, Func<Tx, Task> SaveAsync) : IngestResult;

    /// <summary>Not a usable file, and it will not become one.</summary>
    internal sealed record Rejected(string Reason) : IngestResult;

    /// <summary>Could not be read this time.</summary>
    internal sealed record NotReached(string Reason) : IngestResult;
}
