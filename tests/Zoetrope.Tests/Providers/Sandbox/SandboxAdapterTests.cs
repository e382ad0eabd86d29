using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Sandbox;

public sealed class SandboxAdapterTests
{
    [Theory]
    [InlineData("[[refused]]", nameof(ProviderErrorKind.InvalidInput))]
    [InlineData("[[provider-down]]", nameof(ProviderErrorKind.Unavailable))]
    [InlineData("[[provider-auth]]", nameof(ProviderErrorKind.Auth))]
    [InlineData("[[provider-quota]]", nameof(ProviderErrorKind.QuotaExhausted))]
    [InlineData("[[provider-429]]", nameof(ProviderErrorKind.RateLimited))]
    internal async Task Refusals(string prompt, string kind)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var refused = Assert.IsType<SubmitResult.Refused>(await sandbox.Adapter.SubmitAsync(SandboxFixture.Image(prompt), default));
        Assert.Equal(kind, refused.Error.Kind.ToString());
        if (prompt == "[[provider-429]]")
        {
            Assert.IsType<SubmitResult.Accepted>(await sandbox.Adapter.SubmitAsync(SandboxFixture.Image(prompt), default));
        }
    }

    [Theory]
    [InlineData("[[fail]]", nameof(ProviderErrorKind.Unavailable))]
    [InlineData("[[moderated]]", nameof(ProviderErrorKind.ContentRefused))]
    [InlineData("[[timeout]]", nameof(ProviderErrorKind.Expired))]
    internal async Task Failures_after_acceptance(string prompt, string kind)
    {
        var time = new FakeTimeProvider();
        await using var sandbox = await SandboxFixture.OpenAsync(time: time);
        var request = SandboxFixture.Image(prompt);
        Assert.IsType<SubmitResult.Accepted>(await sandbox.Adapter.SubmitAsync(request, default));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(kind, Assert.IsType<PollResult.Failed>(await sandbox.Adapter.PollAsync(request, "", default)).Error.Kind.ToString());
    }

    [Fact]
    internal async Task Lost_answers()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var response = SandboxFixture.Image("[[lost-response]]");
        Assert.IsType<SubmitResult.Unknown>(await sandbox.Adapter.SubmitAsync(response, default));
        Assert.IsType<LookupResult.Found>(await sandbox.Adapter.LookupAsync(response, default));
        Assert.IsType<PollResult.Succeeded>(await sandbox.EndAsync(response));
        var unknown = SandboxFixture.Image("[[unknown-outcome]]");
        Assert.IsType<SubmitResult.Unknown>(await sandbox.Adapter.SubmitAsync(unknown, default));
        Assert.IsType<LookupResult.Impossible>(await sandbox.Adapter.LookupAsync(unknown, default));
        var lost = SandboxFixture.Image("[[lost-request]]");
        Assert.IsType<SubmitResult.Unknown>(await sandbox.Adapter.SubmitAsync(lost, default));
        Assert.IsType<LookupResult.Absent>(await sandbox.Adapter.LookupAsync(lost, default));
        Assert.IsType<SubmitResult.Accepted>(await sandbox.Adapter.SubmitAsync(SandboxFixture.Image("[[lost-request]]"), default));
    }

    [Fact]
    internal async Task Slow_jobs_take_their_time_and_broken_media_is_broken()
    {
        var time = new FakeTimeProvider();
        await using var sandbox = await SandboxFixture.OpenAsync(time: time);
        var slow = SandboxFixture.Image("[[slow:30s]] a cat");
        await sandbox.Adapter.SubmitAsync(slow, default);
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(49, Assert.IsType<PollResult.Running>(await sandbox.Adapter.PollAsync(slow, "", default)).Progress);
        var bad = await sandbox.MakeAsync(SandboxFixture.Image("[[bad-media]]"));
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(bad), StringComparison.Ordinal);
        var backwards = SandboxFixture.Image("[[status-backwards]]");
        await sandbox.Adapter.SubmitAsync(backwards, default);
        Assert.Equal(80, Assert.IsType<PollResult.Running>(await sandbox.Adapter.PollAsync(backwards, "", default)).Progress);
        Assert.Equal(10, Assert.IsType<PollResult.Running>(await sandbox.Adapter.PollAsync(backwards, "", default)).Progress);
    }

    [Fact]
    internal async Task A_slow_job_is_reported_twice_when_asked()
    {
        var time = new FakeTimeProvider();
        await using var sandbox = await SandboxFixture.OpenAsync(time: time);
        var request = SandboxFixture.Image("[[slow:30s]] [[callback-twice]] [[bad-media]]");
        await sandbox.Adapter.SubmitAsync(request, default);
        await sandbox.RenderedAsync(request);
        Assert.Equal(0, sandbox.Callbacks);
        await Until.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return sandbox.Callbacks == 2;
        });
    }

    [Fact]
    internal async Task The_same_attempt_is_accepted_once_and_survives_a_restart()
    {
        await using var first = await SandboxFixture.OpenAsync();
        var request = SandboxFixture.Video("a long film", seconds: 60);
        await first.Adapter.SubmitAsync(request, default);
        await first.Adapter.SubmitAsync(request, default);
        await first.DisposeAsync();
        await using var second = await SandboxFixture.OpenAsync(first.Directory);
        await second.Adapter.SubmitAsync(request, default);
        Assert.IsType<PollResult.Succeeded>(await second.EndAsync(request));
        Assert.Equal([request.AttemptId], await second.AcceptedAsync());
    }

    [Fact]
    internal async Task Cancel_stops_a_render_and_refuses_when_it_is_over()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var film = SandboxFixture.Video("a long film", 640, 360, 24, 120);
        await sandbox.Adapter.SubmitAsync(film, default);
        Assert.Equal(CancelResult.Confirmed, await sandbox.Adapter.CancelAsync(film, "", default));
        Assert.Equal(ProviderErrorKind.Canceled, Assert.IsType<PollResult.Failed>(await sandbox.EndAsync(film)).Error.Kind);
        var image = SandboxFixture.Image("a cat");
        await sandbox.MakeAsync(image);
        Assert.Equal(CancelResult.Refused, await sandbox.Adapter.CancelAsync(image, "", default));
    }

    [Fact]
    internal async Task A_killed_worker_is_replaced_and_the_job_ends()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        await sandbox.MakeAsync(SandboxFixture.Image("warm up"));
        var film = SandboxFixture.Video("a boat", 320, 180, 24, 6);
        await sandbox.Adapter.SubmitAsync(film, default);
        using (var worker = Process.GetProcessById(Assert.Single(sandbox.Renderers.WorkerProcessIds)))
        {
            worker.Kill(entireProcessTree: true);
        }

        Assert.IsType<PollResult.Succeeded>(await sandbox.EndAsync(film));
    }
}
