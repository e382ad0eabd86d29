using System.Collections.Frozen;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>How a task failed, as the problem that a waiting client is answered with and a video shows.</summary>
internal static class OpenAiFailure
{
    private static readonly FrozenDictionary<string, ProblemKind> Kinds = Problems.All.ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    public static Problem Of(Generation generation)
    {
        var kind = generation.Status is GenerationStatus.Canceled ? Problems.Cancelled : Kinds.GetValueOrDefault(generation.ErrorCode ?? "", Problems.GenerationFailed);
        return kind.With(generation.ErrorMessage ?? kind.Meaning, given: generation.Id);
    }
}
