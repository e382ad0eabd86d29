using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Zoetrope.Server;

/// <summary>One refusal or failure the API can answer: its stable code, its HTTP status and its meaning for the docs.</summary>
/// <param name="Code">Stable SCREAMING_SNAKE code; clients switch on it.</param>
/// <param name="Status">HTTP status of a refusal. A task's failure is read with 200 and has status 0 here.</param>
/// <param name="Retryable">Whether the same request may succeed later without a change.</param>
/// <param name="Meaning">One sentence for the documentation.</param>
internal sealed record ProblemKind(string Code, int Status, bool Retryable, string Meaning)
{
    /// <summary>The snake_case semantic key that VicSee sends beside the code of a failed task.</summary>
    public string Key { get; init; } = Code.ToLowerInvariant();

    public Problem With(string message, string? field = null, string? given = null, string? allowed = null) =>
        new(this, message) { Field = field, Given = given, Allowed = allowed };
}

/// <summary>One occurrence of a <see cref="ProblemKind"/>: what was wrong and how to fix it.</summary>
internal sealed record Problem(ProblemKind Kind, string Message)
{
    /// <summary>The request field at fault, as the client wrote it (<c>input.duration</c>).</summary>
    public string? Field { get; init; }

    /// <summary>What was given, shortened.</summary>
    public string? Given { get; init; }

    /// <summary>What is allowed, in words or as a list.</summary>
    public string? Allowed { get; init; }

    /// <summary>Earliest sensible retry, for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The budget that has no room for it.</summary>
    public BudgetFacts? Budget { get; init; }
}

/// <summary>A budget as a refusal names it.</summary>
internal sealed record BudgetFacts(string Id, string Name, long Limit, long Used, long Held, string? ResetsAt);

/// <summary>
/// The closed list of every error code. Nothing else creates one. A test compares <see cref="All"/> with docs/errors.md, and
/// another reaches each code.
/// </summary>
internal static class Problems
{
    // Who the caller is.
    public static readonly ProblemKind MissingAuthHeader = new(
        "MISSING_AUTH_HEADER", 401, false, "The Authorization header is missing.");
    public static readonly ProblemKind InvalidAuthFormat = new(
        "INVALID_AUTH_FORMAT", 401, false, "The Authorization header is not `Bearer sk-…`.");
    public static readonly ProblemKind InvalidKeyFormat = new(
        "INVALID_KEY_FORMAT", 401, false, "The credential is not shaped like an API key.");
    public static readonly ProblemKind InvalidApiKey = new(
        "INVALID_API_KEY", 401, false, "The key is unknown, revoked or expired.");
    public static readonly ProblemKind Forbidden = new(
        "FORBIDDEN", 403, false, "The plan has no API access, the key lacks the scope, or programs may not do this.");
    public static readonly ProblemKind SignedOut = new(
        "SIGNED_OUT", 401, false, "Nobody is signed in, or the session has ended.");
    public static readonly ProblemKind SignInFailed = new(
        "SIGN_IN_FAILED", 401, false, "The name, the password, the code or the passkey is wrong.");
    public static readonly ProblemKind CodeNeeded = new(
        "CODE_NEEDED", 401, false, "The password is right, and a code of the authenticator app or a recovery code is needed too.");
    public static readonly ProblemKind CrossSite = new(
        "CROSS_SITE",
        403,
        false,
        "A session's cookie came from another site, without the header that says who sends it, or beside an Authorization header.");
    public static readonly ProblemKind ProofNeeded = new(
        "PROOF_NEEDED", 403, false, "The session must prove again who uses it: the last proof is older than ten minutes.");
    public static readonly ProblemKind LinkNotValid = new(
        "LINK_NOT_VALID", 403, false, "The link that lets somebody in was used, is too old or never was.");
    public static readonly ProblemKind AddressNotAllowed = new(
        "ADDRESS_NOT_ALLOWED", 403, false, "The key may not be used from the IP address that the request came from.");
    public static readonly ProblemKind ModelNotAllowed = new(
        "MODEL_NOT_ALLOWED", 403, false, "The key may not use this model.");
    public static readonly ProblemKind KeyTooWide = new(
        "KEY_TOO_WIDE", 403, false, "A key cannot make, change or end a key that may do more than itself.");

    // What the request says.
    public static readonly ProblemKind BadRequest = new(
        "BAD_REQUEST", 400, false, "The request is not well-formed HTTP.");
    public static readonly ProblemKind InvalidJson = new("INVALID_JSON", 400, false, "The body is not a JSON object.");
    public static readonly ProblemKind BodyTooLarge = new(
        "BODY_TOO_LARGE", 413, false, "The body exceeds the limit of this endpoint.");
    public static readonly ProblemKind UnsupportedMediaType = new(
        "UNSUPPORTED_MEDIA_TYPE", 415, false, "The endpoint does not accept this Content-Type.");
    public static readonly ProblemKind NotFound = new("NOT_FOUND", 404, false, "No endpoint exists at this path.");
    public static readonly ProblemKind MethodNotAllowed = new(
        "METHOD_NOT_ALLOWED", 405, false, "The endpoint does not support this method.");
    public static readonly ProblemKind MissingModel = new("MISSING_MODEL", 400, false, "`model` is required.");
    public static readonly ProblemKind InvalidModel = new(
        "INVALID_MODEL", 400, false, "The model is unknown, retired or of the wrong kind for this endpoint.");
    public static readonly ProblemKind MissingPrompt = new(
        "MISSING_PROMPT", 400, false, "`prompt` is required by this model.");
    public static readonly ProblemKind UnknownParameter = new(
        "UNKNOWN_PARAMETER", 400, false, "A field is not a parameter of the model; the nearest valid one is named.");
    public static readonly ProblemKind MissingParameter = new(
        "MISSING_PARAMETER", 400, false, "A required parameter is missing.");
    public static readonly ProblemKind InvalidParameter = new(
        "INVALID_PARAMETER", 400, false, "A parameter has the wrong type or a value outside its range.");
    public static readonly ProblemKind InvalidInput = new(
        "INVALID_INPUT", 400, false, "An input file cannot be used: it is unreadable, of the wrong type or not reachable.");
    public static readonly ProblemKind ImageTooLarge = new(
        "IMAGE_TOO_LARGE", 400, false, "An input image exceeds the megapixel or byte limit.");
    public static readonly ProblemKind ImageAspect = new(
        "IMAGE_ASPECT_UNSUPPORTED", 400, false, "An input image is too wide or too tall.");
    public static readonly ProblemKind InputTooLarge = new(
        "INPUT_TOO_LARGE", 400, false, "An input file exceeds the byte or duration limit.");
    public static readonly ProblemKind UrlNotAllowed = new(
        "URL_NOT_ALLOWED", 400, false, "The URL is not a public http(s) URL that this server may fetch.");
    public static readonly ProblemKind InputNotFetched = new(
        "INPUT_NOT_FETCHED", 400, true, "The host of an input URL was too slow or failed; it may answer later.");
    public static readonly ProblemKind LocalFileUnsupported = new(
        "LOCAL_FILE_UNSUPPORTED",
        400,
        false,
        "A tool was given the path of a file on the client's computer, which the server cannot read.");
    public static readonly ProblemKind InvalidIdempotencyKey = new(
        "INVALID_IDEMPOTENCY_KEY", 400, false, "The Idempotency-Key is empty or longer than 255 characters.");
    public static readonly ProblemKind IdempotencyMismatch = new(
        "IDEMPOTENCY_MISMATCH", 422, false, "The Idempotency-Key was used with a different request.");
    public static readonly ProblemKind InvalidCursor = new(
        "INVALID_CURSOR", 400, false, "The page cursor was not issued by this endpoint.");
    public static readonly ProblemKind CursorExpired = new(
        "CURSOR_EXPIRED", 410, false, "The events after this cursor are past their retention.");
    public static readonly ProblemKind InvalidPlan = new("INVALID_PLAN", 400, false, "The plan is unknown.");
    public static readonly ProblemKind InvalidOperation = new(
        "INVALID_OPERATION", 409, false, "The object's state does not allow this operation.");

    // Whether it may start.
    public static readonly ProblemKind InsufficientCredits = new(
        "INSUFFICIENT_CREDITS", 402, false, "The account's available credits do not cover the price.");
    public static readonly ProblemKind SpendCapReached = new(
        "SPEND_CAP_REACHED", 402, false, "The price exceeds what is left of a spending limit of the key.");
    public static readonly ProblemKind BudgetReached = new(
        "BUDGET_REACHED", 402, false, "The price exceeds what is left of a budget that the request counts in.");
    public static readonly ProblemKind ConfirmationRequired = new(
        "CONFIRMATION_REQUIRED", 403, false, "The price is above the key's confirmation threshold or above the ceiling that was sent.");
    public static readonly ProblemKind RateLimited = new(
        "RATE_LIMITED",
        429,
        true,
        "The plan's daily requests, the key's rate limit or a limit of the account's day is used up, "
        + "or a delivery was sent again a moment ago.");
    public static readonly ProblemKind TooManyInFlight = new(
        "TOO_MANY_IN_FLIGHT", 429, true, "The key and its programs have reached their limit of unfinished tasks.");
    public static readonly ProblemKind TooManyStreams = new(
        "TOO_MANY_STREAMS", 429, true, "The key has reached its limit of open event streams.");
    public static readonly ProblemKind ModelUnavailable = new(
        "MODEL_UNAVAILABLE", 503, false, "No configured provider serves this model for live keys, or the operator has paused those that do.");
    public static readonly ProblemKind ParameterUnavailable = new(
        "PARAMETER_UNAVAILABLE", 400, false, "No configured provider of the model supports a parameter that the request sets.");
    public static readonly ProblemKind Unavailable = new(
        "UNAVAILABLE", 503, true, "The server cannot take the request right now.");

    // What became of it.
    public static readonly ProblemKind ModelNotFound = new(
        "MODEL_NOT_FOUND", 404, false, "No model that is offered has this name.");
    public static readonly ProblemKind TaskNotFound = new(
        "TASK_NOT_FOUND", 404, false, "No task with this id exists in this account.");
    public static readonly ProblemKind CaseNotFound = new(
        "CASE_NOT_FOUND", 404, false, "No case with this id exists on this server.");
    public static readonly ProblemKind BatchNotFound = new(
        "BATCH_NOT_FOUND", 404, false, "No batch with this id exists in this account.");
    public static readonly ProblemKind NoResult = new(
        "NO_RESULT", 404, false, "The task has no result: it is not finished, it failed, or its file is past its retention.");
    public static readonly ProblemKind FileNotFound = new(
        "FILE_NOT_FOUND", 404, false, "The file does not exist or was deleted.");
    public static readonly ProblemKind InvalidSignature = new(
        "INVALID_SIGNATURE", 403, false, "The signed URL was altered or has expired.");
    public static readonly ProblemKind AccountNotFound = new(
        "ACCOUNT_NOT_FOUND", 404, false, "No account with this id exists.");
    public static readonly ProblemKind ProviderNotFound = new(
        "PROVIDER_NOT_FOUND", 404, false, "No provider with this name is configured on this server.");
    public static readonly ProblemKind KeyNotFound = new(
        "KEY_NOT_FOUND", 404, false, "No working API key with this id exists in this account.");
    public static readonly ProblemKind GrantNotFound = new(
        "GRANT_NOT_FOUND", 404, false, "No program has access with this id through this API key.");
    public static readonly ProblemKind PersonNotFound = new(
        "PERSON_NOT_FOUND", 404, false, "No member, invitation, session, passkey or login with this id exists here.");
    public static readonly ProblemKind VoucherNotValid = new(
        "VOUCHER_NOT_VALID", 404, false, "The voucher was used, has expired, was revoked or never was.");
    public static readonly ProblemKind VoucherNotFound = new(
        "VOUCHER_NOT_FOUND", 404, false, "No voucher or batch of vouchers with this id exists on this server.");
    public static readonly ProblemKind WebhookNotFound = new(
        "WEBHOOK_NOT_FOUND", 404, false, "No webhook endpoint or delivery with this id exists in this account.");
    public static readonly ProblemKind BudgetNotFound = new(
        "BUDGET_NOT_FOUND", 404, false, "No budget with this id exists in this account and mode.");
    public static readonly ProblemKind InternalError = new(
        "INTERNAL_ERROR", 500, true, "The server failed; nothing was charged.");

    // How a task can fail: read with HTTP 200, `status: failed`. The hold is released in every case.
    public static readonly ProblemKind GenerationFailed = new(
        "GENERATION_FAILED", 0, true, "The provider failed without a more precise reason.") { Key = "generic" };
    public static readonly ProblemKind ContentRefused = new(
        "CONTENT_REFUSED", 0, false, "The provider's moderation refused the prompt, an input or the result.");
    public static readonly ProblemKind InputRefused = new(
        "INPUT_REFUSED", 0, false, "The provider refused the parameters or an input.");
    public static readonly ProblemKind ProviderUnavailable = new(
        "PROVIDER_UNAVAILABLE", 0, true, "Every route was overloaded, rate limited or down until the deadline.");
    public static readonly ProblemKind OutcomeUnknown = new(
        "OUTCOME_UNKNOWN",
        0,
        false,
        "The provider's answer was lost and cannot be recovered; the task is not submitted again and its credits are returned.");
    public static readonly ProblemKind TimedOut = new(
        "TIMED_OUT", 0, true, "The provider did not finish before the task's deadline.");
    public static readonly ProblemKind BadOutput = new(
        "BAD_OUTPUT", 0, true, "The provider's result was not a usable media file.");
    public static readonly ProblemKind Cancelled = new("CANCELLED", 0, false, "The task was cancelled on request.");

    /// <summary>Every kind, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        .. typeof(Problems).GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
            .Where(field => field.FieldType == typeof(ProblemKind))
            .Select(field => (ProblemKind)field.GetValue(null)!),
    ];

    private static readonly FrozenDictionary<string, ProblemKind> ByCode =
        All.ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    public static ProblemKind? Find(string? code) => code is null ? null : ByCode.GetValueOrDefault(code);
}

internal static class Outcome
{
    /// <summary>For values of an interface, which no operator converts.</summary>
    public static Outcome<T> Of<T>(T value) => Outcome<T>.Of(value);
}

/// <summary>A value, or the problem that prevented it. Expected failures travel as values; exceptions are bugs.</summary>
internal readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Problem? problem)
    {
        _value = value;
        Problem = problem;
    }

    public Problem? Problem { get; }

    public T Value => Problem is null ? _value! : throw new InvalidOperationException($"No value: {Problem.Kind.Code}");

    public bool Failed([NotNullWhen(true)] out Problem? problem)
    {
        problem = Problem;
        return problem is not null;
    }

    /// <summary>As above, and gives the value when there is one.</summary>
    public bool Failed([NotNullWhen(true)] out Problem? problem, [MaybeNullWhen(true)] out T value)
    {
        problem = Problem;
        value = _value;
        return problem is not null;
    }

    public static Outcome<T> Of(T value) => new(value, null);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem);
}
