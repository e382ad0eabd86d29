using Microsoft.AspNetCore.Components;

namespace Zoetrope.Studio.State;

/// <summary>Something that pages show and that changes by itself.</summary>
public abstract class Watched
{
    public event Action? Changed;

    protected void Tell() => Changed?.Invoke();
}

/// <summary>A component that is drawn again whenever what it watches changes.</summary>
public abstract class Watching : ComponentBase, IDisposable
{
    private readonly List<Watched> _watched = [];

    public virtual void Dispose()
    {
        foreach (var state in _watched)
        {
            state.Changed -= Draw;
        }

        GC.SuppressFinalize(this);
    }

    protected void Watch(Watched state)
    {
        state.Changed += Draw;
        _watched.Add(state);
    }

    private void Draw() => _ = InvokeAsync(StateHasChanged);
}
