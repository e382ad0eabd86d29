
namespace Zoetrope.Server.Providers;

/// <summary>A call at <c>/hooks/{provider}/{token}</c> whose token was right.</summary>
/// <param name="AttemptId">The attempt that the token belongs to.</param>
/// <param name="Headers">By name without regard to case.</param>
/// <param name="Body">The raw bytes: signatures are over these.</param>
internal sealed record ProviderCallback(string AttemptId, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What a call was.</summary>
internal abstract record CallbackReading
{
    /// <param name="ProviderTaskId">The job's handle as <see cref="SubmitResult.Accepted"/> would give it; null where the
    /// body does not say.</param>
    internal sealed record Genuine(string? ProviderTaskId) : CallbackReading;

    /// <summary>The vendor signs, and this is not its signature.</summary>
    internal sealed record Forged(string Reason) : CallbackReading;

    /// <summary>The vendor tests the URL and expects this JSON in reply.</summary>
    internal sealed record Challenge(string Answer) : CallbackReading;
}
