using System.Diagnostics.Metrics;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>Counts what was accepted; no account or task ids as tags.</summary>
internal sealed class CommitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _submitted = meters.Create("Zoetrope")
        .CreateCounter<long>("zoetrope.generations.submitted", "{generation}", "Generations accepted from clients.");

    public void Submitted(IReadOnlyList<Order> orders, KeyMode mode)
    {
        for (var i = 0; i < orders.Count; i++)
        {
            _submitted.Add(
                1,
                new KeyValuePair<string, object?>("model", orders[i].Model.Id),
                new KeyValuePair<string, object?>("mode", mode.Word()));
        }
    }
}
