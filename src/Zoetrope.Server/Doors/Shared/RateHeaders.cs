using System.Globalization;
using Zoetrope.Server.Admission.Gates;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// <c>X-RateLimit-Limit</c>, <c>-Remaining</c> and <c>-Reset</c> on every answer to a limited plan. They are set when the
/// caller is recognised; a call that costs sets them again with the count it made.
/// </summary>
internal static class RateHeaders
{
    private const string Limit = "X-RateLimit-Limit";
    private const string Remaining = "X-RateLimit-Remaining";
    private const string Reset = "X-RateLimit-Reset";

    /// <param name="context">The request.</param>
    /// <param name="plan">The caller's plan; nothing is set for an unlimited one.</param>
    /// <param name="usedToday">Costing calls of this day, this one included if it counted.</param>
    /// <param name="now">The current time.</param>
    public static void Set(HttpContext context, Plan plan, long usedToday, DateTimeOffset now)
    {
        if (plan.RequestsPerDay is not { } limit)
        {
            return;
        }

        var headers = context.Response.Headers;
        headers[Limit] = limit.ToString(CultureInfo.InvariantCulture);
        headers[Remaining] = Math.Max(0, limit - usedToday).ToString(CultureInfo.InvariantCulture);
        headers[Reset] = DailyQuota.ResetsAtText(now);
    }

    /// <summary>Sets them as they were when the caller was recognised, if something removed them since.</summary>
    public static void Restore(HttpContext context)
    {
        if (context.Features.Get<Caller>() is { Plan.RequestsPerDay: not null } caller && !context.Response.Headers.ContainsKey(Limit))
        {
            Set(context, caller.Plan, caller.UsedToday, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        }
    }
}
