using System.Net.Http;

namespace Zoetrope.Tests.Fixtures;

/// <summary>The proxy in front of several nodes: it looks at each once a second, and sends requests in turn to those that are ready.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly IReadOnlyList<ServerProcess> _nodes;
    private readonly bool[] _ready;
    private readonly Task _looking;
    private volatile bool _ended;
    private int _turn;

    public Balancer(IReadOnlyList<ServerProcess> nodes)
    {
        (_nodes, _ready) = (nodes, [.. nodes.Select(_ => true)]);
        _looking = Task.WhenAll(Enumerable.Range(0, nodes.Count).Select(LookAsync));
    }

    /// <summary>The node whose turn it is.</summary>
    public ZoetropeApi Next()
    {
        for (var tried = 0; tried < _nodes.Count; tried++)
        {
            var node = (Interlocked.Increment(ref _turn) & int.MaxValue) % _nodes.Count;
            if (Volatile.Read(ref _ready[node]))
            {
                return _nodes[node].Api;
            }
        }

        throw new InvalidOperationException("No node is ready.");
    }

    public bool IsIn(int node) => Volatile.Read(ref _ready[node]);

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _looking;
    }

    private Task LookAsync(int node) => Until.HoldsAsync(
        async () =>
        {
            Volatile.Write(ref _ready[node], await IsReadyAsync(node));
            await Until.PassesAsync(Interval);
            return _ended;
        },
        limit: TimeSpan.FromMinutes(20));

    private async Task<bool> IsReadyAsync(int node)
    {
        try
        {
            return (await _nodes[node].Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
