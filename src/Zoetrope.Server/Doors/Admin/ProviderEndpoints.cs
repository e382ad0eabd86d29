using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1/providers</c>: how the providers stand, and whether they get work.</summary>
internal static class ProviderEndpoints
{
    private const int MaxReason = 255;
    private const int Errors = 20;
    private static readonly int MaxMinutes = (int)ProviderHistory.Span.TotalMinutes;

    public static void MapProviders(this RouteGroupBuilder admin)
    {
        admin.MapGet("/providers", ListAsync)
            .WithQuery("all", "boolean", "`true` also lists the providers that are not configured.")
            .Produces<Envelope<AdminProviderList>>();
        admin.MapGet("/providers/{provider}/history", HistoryAsync)
            .WithSummary("Read what a provider answered, by the minute")
            .WithDescription(
                "The minutes of the last 24 hours that had something, oldest first, of all nodes together: tasks that it accepted, that it "
                + "completed with the median of their time, and failures by kind. Test tasks are the sandbox's.")
            .WithQuery("minutes", "integer", $"How far back: 1–{MaxMinutes}, {MaxMinutes} by default.")
            .Produces<Envelope<AdminProviderHistory>>();
        admin.MapGet("/providers/{provider}/errors", ErrorsAsync)
            .WithSummary("List the last failures of a provider")
            .WithDescription($"The newest {Errors} attempts that failed, with the provider's words, newest first.")
            .Produces<Envelope<AdminProviderErrors>>();
        admin.MapPost("/providers/{provider}/pause", PauseAsync)
            .WithSummary("Take a provider out of service")
            .WithDescription(
                "Nothing more is submitted to it, by any node, until you resume it; a restart changes nothing. Tasks that it runs go on, so a "
                + "pause also drains it. New requests take another route of their model, or are refused with `MODEL_UNAVAILABLE`. Tasks in its "
                + "queue take another route that is open, or wait.")
            .WithExample("""{"reason":"too many faces with six fingers"}""")
            .Produces<Envelope<AdminProviderPause>>();
        admin.MapPost("/providers/{provider}/resume", ResumeAsync)
            .WithoutBody()
            .WithSummary("Put a provider back into service")
            .WithDescription("Tasks that waited for it are submitted within a quarter of a minute.")
            .Produces<Envelope<AdminProviderPause>>();
        admin.MapPost("/providers/{provider}/test", TestAsync)
            .WithoutBody()
            .WithSummary("Check a provider's keys with free calls")
            .WithDescription(
                "One call for each key, which costs nothing. Of a provider without such a call the result is `not_provable`. It takes up to 30 s.")
            .Produces<Envelope<AdminProviderTest>>();
    }

    private static async Task<Answer> ListAsync(HttpContext context, [FromServices] ProviderOperations operations)
    {
        var all = context.Request.Query["all"].ToString();
        if (all is not ("" or "true" or "false"))
        {
            return Problems.InvalidParameter.With("all must be true or false.", "all", all, "true, false");
        }

        return AdminEndpoints.Ok(new AdminProviderList([.. (await operations.ListAsync(all == "true")).Select(Wire)]));
    }

    private static async Task<Answer> HistoryAsync(HttpContext context, [FromServices] ProviderOperations operations, string provider)
    {
        string? text = context.Request.Query["minutes"];
        var minutes = MaxMinutes;
        if (text is not null
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out minutes) || minutes < 1 || minutes > MaxMinutes))
        {
            return Problems.InvalidParameter.With(
                $"minutes must be a whole number from 1 to {MaxMinutes}.", "minutes", text, $"1..{MaxMinutes}");
        }

        return AdminEndpoints.Wire(
            await operations.HistoryAsync(provider, minutes), rows => new AdminProviderHistory(provider, [.. rows.Select(Minute)]));
    }

    private static async Task<Answer> ErrorsAsync([FromServices] ProviderOperations operations, string provider) => AdminEndpoints.Wire(
        await operations.ErrorsAsync(provider, Errors),
        rows => new AdminProviderErrors(
            provider,
            [.. rows.Select(row => new AdminProviderError(
                WireTime.Text(row.UpdatedAt), row.GenerationId, row.AccountId, row.Id, row.ProviderModel, row.State, row.Error))]));

    private static Task<Answer> PauseAsync(
        HttpContext context, [FromServices] ProviderOperations operations, string provider) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var reason = fields.Text("reason", MaxReason, required: true);
        return fields.Problem() is { } problem
            ? problem
            : AdminEndpoints.Wire(await operations.PauseAsync(context.Actor(), provider, reason!), pause => Wire(provider, pause));
    });

    private static async Task<Answer> ResumeAsync(HttpContext context, [FromServices] ProviderOperations operations, string provider) =>
        AdminEndpoints.Wire(await operations.ResumeAsync(context.Actor(), provider), pause => Wire(provider, pause));

    private static async Task<Answer> TestAsync(
        [FromServices] ProviderOperations operations, [FromServices] KeyChecks checks, string provider, CancellationToken cancellationToken) =>
        (await operations.ErrorsAsync(provider, 0)).Failed(out var problem)
            ? problem
            : AdminEndpoints.Ok(new AdminProviderTest(
                provider,
                [.. (await checks.RunAsync(provider, cancellationToken)).Select(check => new AdminKeyCheck(check.KeyId, check.Result, check.Detail))]));

    private static AdminProviderPause Wire(string provider, GatePause? pause) =>
        new(provider, pause is not null) { Reason = pause?.Reason, Since = WireTime.Text(pause?.Since.ToUnixTimeMilliseconds()) };

    private static AdminProviderMinute Minute(ProviderCounts counts) => new(
        WireTime.Text(counts.Minute * 60_000), counts.Accepted, counts.Completed, counts.Failures, Milliseconds(counts));

    private static long? Milliseconds(ProviderCounts counts) => counts.Median is { } median ? (long)Math.Round(median.TotalMilliseconds) : null;

    private static AdminProvider Wire(ProviderState state) => new(
        state.Profile.Name,
        state.Profile.Title,
        state.Standing is { StoppedBecause: null },
        state.Running,
        state.Concurrency,
        [.. (state.Standing?.Keys ?? []).Select(key => new AdminProviderKey(key.Id, key.Weight)
        {
            ParkedUntil = WireTime.Text(key.ParkedUntil?.ToUnixTimeMilliseconds()),
            Reason = key.Reason,
        })])
    {
        Reason = state.Standing?.StoppedBecause,
        State = state.Word,
        Configured = state.Standing is not null,
        EnabledBy = state.Standing is null ? state.Profile.EnabledBy : null,
        PausedAt = WireTime.Text(state.Standing?.Pause?.Since.ToUnixTimeMilliseconds()),
        NextTryAt = WireTime.Text(state.Standing?.NextTryAt?.ToUnixTimeMilliseconds()),
        LastDay = new AdminProviderDay(state.Day.Accepted, state.Day.Completed, state.Day.Failures, Milliseconds(state.Day)),
    };
}
