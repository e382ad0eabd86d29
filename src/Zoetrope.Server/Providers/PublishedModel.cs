using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers;

/// <summary>The part of an adapter whose vendor tells without payment which models it has, and perhaps what they accept.</summary>
internal interface IModelPublisher
{
    /// <summary>What the vendor says of one of its models now. Costs nothing and may be asked at will.</summary>
    Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken);
}

/// <summary>What a vendor says of one of its models.</summary>
internal abstract record PublishedModel
{
    /// <param name="Input">What a request may hold; null where the vendor publishes no more than the model's name.</param>
    /// <param name="Shutdown">The day on which the vendor will stop serving it; null where it names none.</param>
    internal sealed record Known(PublishedSchema? Input, DateOnly? Shutdown = null) : PublishedModel;

    /// <summary>The vendor has no such model, or not for this key.</summary>
    internal sealed record Gone(string Reason) : PublishedModel;

    /// <summary>Nobody knows: the answer did not come or says nothing.</summary>
    internal sealed record Unreadable(string Reason, TimeSpan? RetryAfter = null) : PublishedModel;

    /// <summary>The answer to a question about one model: 404 is a word about the model, every other refusal is none.</summary>
    /// <param name="client">Calls the vendor.</param>
    /// <param name="request">The question.</param>
    /// <param name="read">From a success to what it says; null where it does not say it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<PublishedModel> AskAsync(
        VendorClient client, HttpRequestMessage request, Func<VendorAnswer, PublishedModel?> read, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.SendAsync(request, cancellationToken);
            return answer.Status is 404 or 410 ? new Gone($"HTTP {answer.Status}: {answer.Text}")
                : answer.IsSuccess && read(answer) is { } published ? published
                : new Unreadable($"HTTP {answer.Status}: {answer.Text}", answer.RetryAfter ?? (answer.Status == 429 ? Pause : null));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Unreadable(exception.Message);
        }
    }

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
}
