using System.Reflection;
using Zoetrope.Server.Generations.Driving;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>A factory of grains that are messages of the simulation.</summary>
public class SimGrains : DispatchProxy
{
    private Func<string, object> _make = static _ => throw new InvalidOperationException();

    internal static IGrainFactory Of(SimWorld world)
    {
        var grains = Create<IGrainFactory, SimGrains>();
        ((SimGrains)grains)._make = key => new Message(world, key);
        return grains;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _make((string)args![0]!);

    private sealed class Message(SimWorld world, string key) : IGenerationGrain
    {
        public Task Wake()
        {
            world.Wake(key);
            return Task.CompletedTask;
        }
    }
}
