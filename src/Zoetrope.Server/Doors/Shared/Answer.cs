using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// What a handler answers: a value on the wire, or a <see cref="Problem"/>, which the door's dialect words. A handler that has a
/// problem returns it.
/// </summary>
internal sealed class Answer(Func<HttpContext, Task> write) : IResult
{
    /// <summary>The handler has written the answer itself: a stream or a file.</summary>
    public static readonly Answer Written = new(static _ => Task.CompletedTask);

    public static implicit operator Answer(Problem problem) => new(context => ProblemResponse.WriteAsync(context, problem));

    /// <summary>JSON that is ready.</summary>
    public static Answer Json(byte[] body) => new(context => JsonAnswer.WriteAsync(context, body));

    public static Answer Json<T>(T value, JsonTypeInfo<T> type) =>
        new(context => JsonAnswer.WriteAsync(context, value, type));

    public static Answer Of(IResult result) => new(result.ExecuteAsync);

    /// <summary>What was written, unless it could not be.</summary>
    public static Answer Unless(Problem? problem) => problem is null ? Written : problem;

    public Task ExecuteAsync(HttpContext httpContext) => write(httpContext);
}
