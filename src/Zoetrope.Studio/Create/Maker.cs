using System.Text.Json;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Create;

/// <summary>
/// Sends what is composed and asks its price. A press of Make has one key, kept until the server has answered: pressed twice, sent
/// again or reloaded, it makes one task.
/// </summary>
public sealed class Maker(Session session, Composition composition, Feed feed, Browser browser, TimeProvider time) : Watched
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private int _asked;

    /// <summary>The last price; it stays while the next is asked.</summary>
    public Estimate? Price { get; private set; }

    public bool IsPriceOld { get; private set; }

    /// <summary>Why it has no price or was not made.</summary>
    public string? Trouble { get; private set; }

    public bool IsSending { get; private set; }

    private string DraftName => $"zt.draft.{session.Me?.Account.Id}.{session.Mode}";

    private string PendingName => $"zt.pending.{session.Me?.Account.Id}.{session.Mode}";

    /// <summary>Takes up what this browser kept: the draft, and a press that was never answered.</summary>
    public async Task BeginAsync()
    {
        if (await browser.KeptAsync(DraftName) is { } draft)
        {
            composition.Restore(Read(draft, StudioJson.Default.Draft) ?? new Draft());
        }

        composition.Changed += Ask;
        Ask();
        if (await browser.KeptAsync(PendingName) is { } kept && Read(kept, StudioJson.Default.Pending) is { } pending)
        {
            await SendAsync(pending);
        }
    }

    public void End() => composition.Changed -= Ask;

    public async Task MakeAsync()
    {
        if (IsSending || composition.Request is not { } request)
        {
            return;
        }

        composition.Keep();
        var pending = new Pending(Guid.NewGuid().ToString("N"), request);
        await browser.KeepAsync(PendingName, JsonSerializer.Serialize(pending, StudioJson.Default.Pending));
        await SendAsync(pending);
    }

    private async Task SendAsync(Pending pending)
    {
        (IsSending, Trouble) = (true, null);
        Tell();
        for (var isAnswered = false; !isAnswered;)
        {
            try
            {
                var created = await session.Api.GenerateAsync(pending.Request, pending.Key);
                session.Left(created.CreditsRemaining);
                feed.Put(await session.Api.GetAsync(created.Id));
                (isAnswered, Trouble) = (true, null);
            }
            catch (ZoetropeConnectionException fault)
            {
                // Nobody knows whether it was made; the key finds out.
                Trouble = Failures.Words(fault);
                Tell();
                await Task.Delay(Patience, time);
            }
            catch (ZoetropeException fault)
            {
                (isAnswered, Trouble) = (true, Failures.PaidWords(fault));
            }
        }

        await browser.ForgetAsync(PendingName);
        IsSending = false;
        Tell();
        Ask();
    }

    private void Ask() => _ = AskAsync();

    private async Task AskAsync()
    {
        var mine = ++_asked;
        IsPriceOld = true;
        await Task.Delay(Pause, time);
        if (mine != _asked)
        {
            return;
        }

        await browser.KeepAsync(DraftName, JsonSerializer.Serialize(composition.ToDraft(), StudioJson.Default.Draft));
        if (composition.Priced is not { } request)
        {
            Price = null;
            Tell();
            return;
        }

        try
        {
            var price = await session.Api.EstimateAsync(request);
            if (mine == _asked)
            {
                (Price, IsPriceOld, Trouble) = (price, false, IsSending ? Trouble : null);
            }
        }
        catch (ZoetropeException fault) when (mine == _asked)
        {
            (Price, Trouble) = (null, Failures.Words(fault));
        }
        catch (ZoetropeException)
        {
            // Of an earlier question.
        }

        Tell();
    }

    private static T? Read<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, shape);
        }
        catch (JsonException)
        {
            // Of an earlier version of the studio.
            return null;
        }
    }
}
