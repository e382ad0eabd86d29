namespace Zoetrope.Server;

/// <summary>The work of a server beside answering requests: what only nodes with the role <c>worker</c> do.</summary>
internal static class NodeWork
{
    /// <summary>A hosted service that a node without that role has but never starts.</summary>
    public static IServiceCollection AddWorker<T>(this IServiceCollection services)
        where T : class, IHostedService => services
        .AddSingleton<T>()
        .AddSingleton<IHostedService>(static provider =>
            provider.GetService<NodeDuties>() is { Works: false } ? new Idle() : provider.GetRequiredService<T>());

    private sealed class Idle : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What this node is for.</summary>
internal sealed record NodeDuties(NodeRoles Roles)
{
    public bool Answers => Roles.HasFlag(NodeRoles.Api);

    public bool Works => Roles.HasFlag(NodeRoles.Worker);
}
