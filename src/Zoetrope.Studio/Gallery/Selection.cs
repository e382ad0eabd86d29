namespace Zoetrope.Studio.Gallery;

/// <summary>What is chosen on the wall, in one hand or a range at a time.</summary>
internal sealed class Selection
{
    private readonly HashSet<string> _ids = [];
    private string? _last;

    public int Count => _ids.Count;

    public bool Has(string id) => _ids.Contains(id);

    /// <summary>Chooses one, or lets it go.</summary>
    /// <param name="id">Which.</param>
    /// <param name="isRange">Everything from the one before to this one becomes as this one.</param>
    /// <param name="order">All that is on the wall, as it stands there.</param>
    public void Toggle(string id, bool isRange, List<string> order)
    {
        var isChosen = !_ids.Contains(id);
        var (from, to) = (_last is null ? -1 : order.IndexOf(_last), order.IndexOf(id));
        var all = isRange && from >= 0 && to >= 0 ? order[Math.Min(from, to)..(Math.Max(from, to) + 1)] : [id];
        foreach (var one in all)
        {
            _ = isChosen ? _ids.Add(one) : _ids.Remove(one);
        }

        _last = id;
    }

    public void Clear()
    {
        _ids.Clear();
        _last = null;
    }
}
