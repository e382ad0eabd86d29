using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Reconciling;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Generations.Reconciling;

/// <summary>A vendor's list against our attempts: every difference is found, and nothing else.</summary>
public sealed class JobComparisonTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = From.AddHours(1);

    [Fact]
    public void One_job_in_a_hundred_that_is_missing_extra_or_dearer_is_found_and_no_other()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var (theirs, ours, wanted) = (new List<ListedJob>(), new List<KnownAttempt>(), new HashSet<(string, string)>());
            for (var i = 0; i < 3_000; i++)
            {
                var at = From.AddSeconds(random.Next(3_600));
                var handle = $"job-{i}";
                var wrong = random.Next(100) == 0 ? random.Next(5) : -1;
                var ended = new KnownAttempt { Id = $"att_{i}", State = AttemptStore.Ended, ProviderTaskId = handle, CostSource = "vendor", CostMicros = 1_000 + i, CreatedAt = at.ToUnixTimeMilliseconds() };
                var job = new ListedJob(handle, at.AddSeconds(random.Next(5)), "succeeded") { ChargedMicros = random.Next(3) == 0 ? null : 1_000 + i };
                if (wrong < 0 && random.Next(20) == 0)
                {
                    // As it should be: refused and not there, or there for nothing; in the air; before and behind the span.
                    var fine = random.Next(4);
                    ours.Add(ended with { State = fine == 2 ? AttemptStore.Accepted : AttemptStore.Refused, ProviderTaskId = fine == 2 ? handle : null });
                    theirs.AddRange(fine == 0 ? [] : fine == 1 ? [job with { AttemptId = ended.Id, IsFree = true }] : fine == 2 ? [job] : [new ListedJob($"early-{i}", From.AddSeconds(-1), "succeeded"), new ListedJob($"late-{i}", To, "succeeded")]);
                    continue;
                }

                (ListedJob? Job, KnownAttempt? Attempt, string? Kind) one = wrong switch
                {
                    0 => (null, ended, Difference.Missing),
                    1 => (job, null, Difference.Extra),
                    2 => (job with { ChargedMicros = 2_000 + i }, ended, Difference.Cost),
                    3 => (job with { AttemptId = ended.Id }, ended with { State = AttemptStore.Refused, ProviderTaskId = null }, Difference.Refused),
                    4 => (job with { AttemptId = ended.Id }, ended with { State = AttemptStore.Unresolved, ProviderTaskId = null }, Difference.Unresolved),
                    _ => (job, ended, null),
                };
                theirs.AddRange(one.Job is { } listed ? [listed] : []);
                ours.AddRange(one.Attempt is { } attempt ? [attempt] : []);
                if (one.Kind is not null && job.CreatedAt < To && (one.Kind != Difference.Missing || at < To))
                {
                    wanted.Add((one.Kind, handle));
                }
            }

            var found = JobComparison.Of([.. theirs.OrderBy(_ => random.Next())], isComplete: true, ours, static _ => true, From, To).ToList();

            Assert.True(wanted.Count > 10);
            Assert.Equal(wanted.Order(), found.Select(one => (one.Kind, one.Subject)).Order());
        }
    }

    [Fact]
    public void A_list_that_breaks_off_proves_no_absence_and_what_is_never_listed_is_not_missing()
    {
        var attempt = new KnownAttempt { Id = "att_1", State = AttemptStore.Accepted, ProviderTaskId = "job", CreatedAt = From.ToUnixTimeMilliseconds() };

        Assert.Empty(JobComparison.Of([], isComplete: false, [attempt], static _ => true, From, To));
        Assert.Empty(JobComparison.Of([], isComplete: true, [attempt], static _ => false, From, To));
        Assert.Single(JobComparison.Of([], isComplete: true, [attempt], static _ => true, From, To));
    }
}
