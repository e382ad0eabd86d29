namespace Zoetrope.Server.Hosting.Commands;

internal static class OutcomeExtensions
{
    /// <summary>The value, or the refusal as the command's one line, with the same code the API would answer.</summary>
    public static T OrFail<T>(this Outcome<T> outcome)
    {
        if (outcome.Problem is not { } problem)
        {
            return outcome.Value;
        }

        var given = problem.Given is null ? "" : $" (given: {problem.Given})";
        var allowed = problem.Allowed is null ? "" : $" (allowed: {problem.Allowed})";
        throw new StartException(problem.Kind.Code, problem.Message + given + allowed);
    }
}
