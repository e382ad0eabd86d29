using System.Net.Sockets;
using System.Text.Json;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli;

/// <summary>
/// What went wrong, in the words of the part that knows: the server's code, what was wrong and how to fix it, and the exit code.
/// </summary>
internal static class Failures
{
    public static int Report(Invocation invocation, Exception exception)
    {
        var terminal = invocation.Terminal;
        switch (exception)
        {
            case CliException failure:
                return terminal.Fail(failure.Code, failure.Message, failure.ExitCode, failure.Hints);
            case ZoetropeRefusedException refusal:
                return Refused(terminal, refusal);
            case ZoetropeTaskFailedException failed:
                return TaskFailed(terminal, failed.Task);
            case ZoetropeConnectionException lost:
                return Unreachable(invocation, lost);
            case ZoetropeDamagedFileException damaged:
                return terminal.Fail(
                    "DAMAGED_FILE", damaged.Message, ExitCode.File, ["The damaged file was deleted. Try the download again."]);
            case JsonException:
                return terminal.Fail(
                    "NO_ZOETROPE",
                    $"The server at {invocation.Connection.BaseUrl} does not speak this API.",
                    ExitCode.Unreachable,
                    ["Check --base-url, and any proxy in front of the server."]);
            case IOException or UnauthorizedAccessException:
                return terminal.Fail("FILE", exception.Message, ExitCode.File);
            default:
                terminal.Detail(exception.ToString().ReplaceLineEndings(" | "));
                return terminal.Fail(
                    "INTERNAL_ERROR",
                    $"{exception.GetType().Name}: {exception.Message}",
                    ExitCode.Bug,
                    ["This is a bug in zoetrope. Run the command with --verbose to see where it happened."]);
        }
    }

    /// <summary>Ctrl-C: no fault, but a task on its way must not get lost by it.</summary>
    public static int Interrupted(Invocation invocation, StoppedWaiting? stopped)
    {
        var exitCode = invocation.Interruption.ExitCode;
        if (invocation.Terminal.Json)
        {
            return invocation.Terminal.Fail(
                "INTERRUPTED", stopped?.Message ?? "Stopped.", exitCode, more: json => json["taskId"] = stopped?.Id);
        }

        if (stopped is not null)
        {
            invocation.Terminal.Note(stopped.Message);
            foreach (var next in stopped.Next)
            {
                invocation.Terminal.Note("  " + next);
            }
        }

        return exitCode;
    }

    public static int TaskFailed(Terminal terminal, TaskState task)
    {
        var error = task.Error;
        List<string> hints = [$"{task.Id} was not charged: its credits were returned."];
        if (error?.Retryable == true)
        {
            hints.Add("The same request may succeed later.");
        }

        return terminal.Fail(
            error?.Code ?? "GENERATION_FAILED", error?.Message ?? "The task ended without a result.", ExitCode.TaskFailed, hints, json =>
        {
            json["taskId"] = task.Id;
            json["retryable"] = error?.Retryable ?? false;
        });
    }

    private static int Refused(Terminal terminal, ZoetropeRefusedException refusal)
    {
        var error = refusal.Error;
        List<string> hints = [];
        if (error.Field is not null || error.Given is not null)
        {
            var given = error.Given is null ? "" : $" = {error.Given}";
            var allowed = error.Allowed is null ? "" : $"; allowed: {error.Allowed}";
            hints.Add($"{error.Field ?? "given"}{given}{allowed}");
        }
        else if (error.Allowed is not null)
        {
            hints.Add($"allowed: {error.Allowed}");
        }

        if (refusal.RetryAfter is { } wait)
        {
            hints.Add($"Try again in {Words.Duration(wait)}.");
        }

        if (Mend(refusal) is { } mend)
        {
            hints.Add(mend);
        }

        if (refusal.RequestId is { } id)
        {
            terminal.Detail($"request {id}");
        }

        var exitCode = refusal.Status >= 500 ? ExitCode.Unreachable : ExitCode.Refused;
        return terminal.Fail(error.Code, error.Message, exitCode, hints, json =>
        {
            json["status"] = refusal.Status;
            json["retryable"] = error.Retryable;
            (json["field"], json["given"], json["allowed"]) = (error.Field, error.Given, error.Allowed);
            json["requestId"] = refusal.RequestId;
        });
    }

    private static string? Mend(ZoetropeRefusedException refusal) => (refusal.Status, refusal.Code) switch
    {
        (401, _) => "Run zoetrope login, or set ZOETROPE_API_KEY.",
        (_, "INSUFFICIENT_CREDITS") => "Run zoetrope credits to see the balance. Add --estimate to see what a request costs.",
        (_, "CONFIRMATION_REQUIRED") => "Add --confirm to accept the price.",
        (_, "INVALID_MODEL" or "MODEL_NOT_FOUND") => "Run zoetrope models to list the models.",
        _ => null,
    };

    private static int Unreachable(Invocation invocation, ZoetropeConnectionException lost)
    {
        List<string> hints = [];
        if (lost.IdempotencyKey is { } key)
        {
            hints.Add($"The request may have arrived. Repeat it with --idempotency-key {key}; then nothing is made twice.");
        }

        var address = invocation.Connection.BaseUrl;
        if (lost.InnerException is HttpRequestException { InnerException: SocketException socket }
            && socket.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostNotFound)
        {
            hints.Add(
                address == Connection.ThisMachine
                    ? "Start the server, or name another with --base-url or ZOETROPE_BASE_URL."
                    : "Check --base-url or ZOETROPE_BASE_URL.");
        }

        var cause = lost.InnerException is HttpRequestException http ? $" ({http.Message})" : "";
        return invocation.Terminal.Fail(
            "CONNECTION", lost.Message + cause, ExitCode.Unreachable, hints, json => json["idempotencyKey"] = lost.IdempotencyKey);
    }
}
