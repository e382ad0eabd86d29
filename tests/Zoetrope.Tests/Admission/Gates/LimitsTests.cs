using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission.Gates;

namespace Zoetrope.Tests.Admission.Gates;

public sealed class LimitsTests
{
    private static readonly DateTimeOffset Noon = new(2024, 12, 27, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_daily_quota_refuses_with_the_documented_words_and_the_time_left()
    {
        Assert.Null(DailyQuota.Check(Plans.Pro, 499, Noon));
        var problem = DailyQuota.Check(Plans.Pro, 500, Noon)!;

        Assert.Equal("Rate limit exceeded. Limit: 500/day. Resets at: 2024-12-28T00:00:00.000Z", problem.Message);
        Assert.Equal(Problems.RateLimited, problem.Kind);
        Assert.Equal(TimeSpan.FromHours(12), problem.RetryAfter);
    }

    [Fact]
    public void An_unlimited_plan_has_no_daily_quota_and_the_free_plan_has_none_left()
    {
        Assert.Null(DailyQuota.Check(Plans.Enterprise, long.MaxValue, Noon));
        Assert.NotNull(DailyQuota.Check(Plans.Free, 0, Noon));
    }

    [Fact]
    public void The_day_ends_at_midnight_utc()
    {
        var midnight = new DateTimeOffset(2024, 12, 28, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(UtcDay.Of(Noon) + 1, UtcDay.Of(midnight));
        Assert.Equal(UtcDay.Of(Noon), UtcDay.Of(midnight.AddTicks(-1)));
        Assert.Equal(0, UtcDay.Of(DateTimeOffset.UnixEpoch));
        Assert.Equal((midnight, midnight.AddDays(1)), (UtcDay.End(Noon), UtcDay.End(midnight)));
        Assert.Equal((midnight, "2024-12-28"), (UtcDay.Start(UtcDay.Of(midnight)), UtcDay.Text(UtcDay.Of(midnight.AddHours(23)))));
        Assert.Equal("2024-12-29T00:00:00.000Z", DailyQuota.ResetsAtText(midnight));
    }

    [Fact]
    public void No_minute_has_more_calls_than_the_limit_and_its_burst() =>
        Gen.Select(Gen.Int[1, 600], Gen.Long[0, 500_000].Array[1, 400]).Sample((perMinute, gaps) =>
        {
            long now = 1_700_000_000_000_000, next = 0;
            var allowed = new List<long>();
            foreach (var gap in gaps)
            {
                now += gap;
                var decision = RequestRate.Next(now, next, perMinute);
                next = decision.NextAllowedUs;
                if (decision.Allowed)
                {
                    allowed.Add(now);
                }
            }

            return allowed.All(start => allowed.Count(at => at >= start && at < start + 60_000_000) <= perMinute + RequestRate.Burst(perMinute));
        }, iter: 2000);

    [Fact]
    public void A_refused_call_changes_nothing_and_is_allowed_after_the_time_it_was_told_and_not_before() =>
        Gen.Select(Gen.Int[1, 100_000], Gen.Long[0, 10_000_000_000], Gen.Long[-100_000_000, 100_000_000]).Sample((perMinute, now, ahead) =>
        {
            var next = Math.Max(0, now + ahead);
            var decision = RequestRate.Next(now, next, perMinute);
            if (decision.Allowed)
            {
                return decision.RetryAfter == TimeSpan.Zero && decision.NextAllowedUs > now;
            }

            var wait = (long)decision.RetryAfter.TotalMicroseconds;
            var capped = RequestRate.Next(now + wait - 1, next, perMinute);
            return decision.NextAllowedUs == next
                && wait is > 0 and <= 60_000_000
                && (RequestRate.Next(now + wait, next, perMinute).Allowed || ahead > 60_000_000 / perMinute * RequestRate.Burst(perMinute))
                && !capped.Allowed;
        }, iter: 20_000);

    [Fact]
    public void A_patient_caller_is_never_refused() =>
        Gen.Select(Gen.Int[1, 10_000], Gen.Int[1, 300]).Sample((perMinute, calls) =>
        {
            long now = 0, next = 0;
            for (var i = 0; i < calls; i++, now += (60_000_000 / perMinute) + 1)
            {
                var decision = RequestRate.Next(now, next, perMinute);
                Assert.True(decision.Allowed);
                next = decision.NextAllowedUs;
            }
        }, iter: 500);

    [Fact]
    public void After_a_pause_exactly_a_burst_is_allowed_at_once() =>
        Gen.Int[1, 1000].Sample(perMinute =>
        {
            var next = 0L;
            var allowed = 0;
            for (var i = 0; i < perMinute + 1; i++)
            {
                var decision = RequestRate.Next(90_000_000, next, perMinute);
                next = decision.NextAllowedUs;
                allowed += decision.Allowed ? 1 : 0;
            }

            return allowed == RequestRate.Burst(perMinute);
        }, iter: 500);

    [Fact]
    public void The_throttle_counts_failures_per_address_and_minute()
    {
        var time = new FakeTimeProvider(Noon.AddSeconds(15));
        var throttle = new InvalidKeyThrottle(time);
        var address = System.Net.IPAddress.Parse("203.0.113.9");
        for (var i = 0; i < InvalidKeyThrottle.AllowedPerMinute; i++)
        {
            Assert.Null(throttle.Count(address));
        }

        Assert.Equal(TimeSpan.FromSeconds(45), throttle.Count(address)!.RetryAfter);
        Assert.Null(throttle.Count(System.Net.IPAddress.Parse("203.0.113.10")));
        time.Advance(TimeSpan.FromSeconds(45));
        Assert.Null(throttle.Count(address));
    }
}
