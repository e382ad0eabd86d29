using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>All that is known of a trial: what was sent, the vendor's handle, what each part of it took, and how it ended.</summary>
internal sealed class TrialReport
{
    private readonly JsonObject _report = [];
    private readonly JsonArray _files = [];
    private readonly TimeProvider _time;
    private readonly long _started;

    public TrialReport(TrialRoute route, Generation generation, PreparedSubmit prepared, TimeProvider time)
    {
        _report["provider"] = route.Route.Provider;
        _report["model"] = generation.Model;
        _report["vendorModel"] = prepared.Model;
        _report["key"] = route.Key.Id;
        _report["attempt"] = generation.AttemptId;
        (_time, _started) = (time, time.GetTimestamp());
    }

    public void Submitted() => _report["submitMs"] = Elapsed();

    public void Handle(string handle, string? requestId)
    {
        _report["handle"] = handle;
        _report["requestId"] = requestId ?? handle;
    }

    public void Polled(int polls)
    {
        _report["firstPollMs"] ??= Elapsed();
        _report["polls"] = polls;
    }

    public void Unreadable(string reason) => _report["lastUnreadable"] = reason;

    public void Generated()
    {
        _report["generatedMs"] = Elapsed();
        _report["files"] = _files;
    }

    public void File(string path, MediaProbe probe) => _files.Add(new JsonObject
    {
        ["file"] = path,
        ["bytes"] = probe.Bytes,
        ["contentType"] = probe.ContentType,
        ["width"] = probe.Width,
        ["height"] = probe.Height,
        ["seconds"] = probe.DurationSeconds,
    });

    public Answer Failed(string code, ProviderError error)
    {
        _report["error"] = new JsonObject
        {
            ["kind"] = error.Word,
            ["vendorCode"] = error.VendorCode,
            ["vendorMessage"] = error.VendorMessage,
            ["charged"] = error.Charged,
        };
        return Ended(code, $"{error.Word}: {error.VendorCode}: {error.VendorMessage}{(error.Charged ? " (the vendor bills for it)" : "")}");
    }

    public Answer Ended(string? code, string message)
    {
        _report["totalMs"] = Elapsed();
        return new Answer(_report, console =>
        {
            var table = CommandOutput.NewTable("WHAT", "VALUE").Wrapping("VALUE");
            foreach (var (name, value) in _report)
            {
                foreach (var line in value is JsonArray list ? list.Select(item => item!.ToJsonString()) : [value?.ToString() ?? ""])
                {
                    table.AddRow(name, Markup.Escape(line));
                }
            }

            console.Write(table);
        })
        {
            Failure = code is null ? null : (code, message),
        };
    }

    private long Elapsed() => (long)_time.GetElapsedTime(_started).TotalMilliseconds;
}
