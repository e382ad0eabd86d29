using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Studio.Develop.Ledger;

/// <summary>The ledger, newest first, with what was there to spend after each line.</summary>
internal sealed class Statement(ZoetropeClient api)
{
    private const int Page = 100;
    private const int Tries = 4;

    private readonly List<Line> _lines = [];
    private long _balance;
    private string? _cursor;

    public IReadOnlyList<Line> Lines => _lines;

    public bool HasOlder => _cursor is not null;

    /// <summary>The newest lines. What is booked between two answers would shift the balance, so it is asked before and after.</summary>
    public async Task BeginAsync()
    {
        for (var tried = 1; ; tried++)
        {
            var before = (await api.CreditsAsync()).Credits;
            var page = await api.LedgerAsync(limit: Page);
            if (tried == Tries || (await api.CreditsAsync()).Credits == before)
            {
                _lines.Clear();
                _balance = before;
                Add(page);
                return;
            }
        }
    }

    public async Task OlderAsync() => Add(await api.LedgerAsync(limit: Page, cursor: _cursor));

    private void Add(LedgerPage page)
    {
        foreach (var entry in page.Entries)
        {
            var change = entry.To == "available" ? entry.Amount : entry.From == "available" ? -entry.Amount : 0;
            _lines.Add(new Line(entry, change, _balance));
            _balance -= change;
        }

        _cursor = page.NextCursor;
    }

    /// <summary>A line of it.</summary>
    /// <param name="Entry">As it was booked.</param>
    /// <param name="Change">What it changed of the credits that are there to spend.</param>
    /// <param name="Balance">What was there to spend after it.</param>
    internal sealed record Line(LedgerEntry Entry, long Change, long Balance);
}
