using System.Text.Json;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Create;

/// <summary>Two to four families that are asked the same: what they cost together, and the batch that is made of it.</summary>
public sealed class Comparison(Session session, Composition composition) : Watched
{
    public const int Least = 2;
    public const int Most = 4;

    private readonly Dictionary<Family, Estimate?> _prices = [];
    private (string Body, string Key) _pressed;

    public bool IsOn { get; private set; }

    public bool IsSending { get; private set; }

    public string? Trouble { get; private set; }

    public int Count => _prices.Count;

    public string Names => string.Join(", ", _prices.Keys.Select(family => family.Name));

    /// <summary>Of all of them together; null while one is not known.</summary>
    public long? Price => _prices.Count > 0 && _prices.Values.All(price => price is not null) ? _prices.Values.Sum(price => price!.Credits) : null;

    public bool IsAffordable => Price is { } price && price <= _prices.Values.Min(one => one!.CreditsAvailable);

    public bool HasWords => composition.Prompt.Trim().Length > 0;

    public bool MayMake => session.Has("generate");

    public bool CanMake => MayMake && !IsSending && HasWords && Count is >= Least and <= Most && IsAffordable;

    public bool Has(Family family) => _prices.ContainsKey(family);

    /// <summary>Whether it takes what is attached, and there is room for one more.</summary>
    public bool MayChoose(Family family) => Has(family) || (Count < Most && composition.For(family).Model is not null);

    /// <summary>Begins anew with what is in the composer, or ends.</summary>
    public Task SwitchAsync()
    {
        IsOn = !IsOn;
        Trouble = null;
        _prices.Clear();
        Tell();
        return IsOn && composition.Family is { } family && MayChoose(family) ? ToggleAsync(family) : Task.CompletedTask;
    }

    /// <summary>What is in the composer may be another thing since the last look.</summary>
    public Task RefreshAsync()
    {
        Trouble = null;
        foreach (var family in _prices.Keys.Where(family => composition.For(family).Model is null).ToList())
        {
            _prices.Remove(family);
        }

        return Task.WhenAll(_prices.Keys.ToList().Select(PriceAsync));
    }

    public Task ToggleAsync(Family family)
    {
        Trouble = null;
        if (_prices.Remove(family))
        {
            Tell();
            return Task.CompletedTask;
        }

        return PriceAsync(family);
    }

    /// <summary>Makes all of them, or none. Pressed again after a lost answer it makes nothing twice.</summary>
    /// <returns>The batch; null if it was refused, and <see cref="Trouble"/> says why.</returns>
    public async Task<string?> MakeAsync()
    {
        var requests = _prices.Keys.Select(family => composition.For(family).Request).OfType<GenerateRequest>().ToList();
        var body = JsonSerializer.Serialize(requests, StudioJson.Default.ListGenerateRequest);
        _pressed = _pressed.Body == body ? _pressed : (body, Guid.NewGuid().ToString("N"));
        (IsSending, Trouble) = (true, null);
        Tell();
        try
        {
            var batch = await session.Api.CreateBatchAsync(requests, idempotencyKey: _pressed.Key);
            _pressed = default;
            session.Left(batch.CreditsRemaining ?? session.Credits ?? 0);
            return batch.Id;
        }
        catch (ZoetropeException fault)
        {
            Trouble = Failures.PaidWords(fault);
            return null;
        }
        finally
        {
            IsSending = false;
            Tell();
        }
    }

    private async Task PriceAsync(Family family)
    {
        _prices[family] = null;
        Tell();
        try
        {
            var price = composition.For(family).Priced is { } request ? await session.Api.EstimateAsync(request) : null;
            if (_prices.ContainsKey(family))
            {
                _prices[family] = price;
            }
        }
        catch (ZoetropeException fault)
        {
            _prices.Remove(family);
            Trouble = Failures.Words(fault);
        }

        Tell();
    }
}
