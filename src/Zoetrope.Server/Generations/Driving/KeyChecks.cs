using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>What a key's check proved.</summary>
/// <param name="KeyId">The fingerprint, never the key.</param>
/// <param name="Result">proven, not_provable, rejected or unreachable.</param>
/// <param name="Detail">The vendor's words.</param>
internal sealed record KeyCheck(string KeyId, string Result, string Detail)
{
    public bool IsBad => Result is "rejected" or "unreachable";
}

/// <summary>Proves the keys of a provider by calls that cost nothing.</summary>
internal sealed class KeyChecks(ProviderRegistry registry, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>One check for each key of a configured provider.</summary>
    public Task<KeyCheck[]> RunAsync(string provider, CancellationToken cancellationToken) =>
        Task.WhenAll(registry.Gate(provider).Keys.Select(key => RunAsync(registry.Get(provider), key, cancellationToken)));

    private async Task<KeyCheck> RunAsync(IProviderAdapter adapter, ProviderKey key, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        CheckResult result;
        try
        {
            result = await adapter.CheckAsync(key, either.Token);
        }
        catch (Exception exception)
        {
            result = new CheckResult.Unreachable(exception.Message);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var (word, detail) = result switch
        {
            CheckResult.Proven proven => ("proven", proven.Detail),
            CheckResult.Rejected rejected =>
                ("rejected", $"{rejected.Error.Word}: {rejected.Error.VendorCode}: {rejected.Error.VendorMessage}"),
            CheckResult.NotPossible impossible => ("not_provable", impossible.Reason),
            CheckResult.Unreachable unreachable =>
                ("unreachable", limit.IsCancellationRequested ? $"No answer came within {Patience.TotalSeconds:0} s." : unreachable.Reason),
            _ => throw new InvalidOperationException($"Unknown check result {result}."),
        };
        return new KeyCheck(key.Id, word, ProviderWords.Clean(detail, key));
    }
}
