using Microsoft.JSInterop;

namespace Zoetrope.Studio.State;

/// <summary>What only a script can do; all of it is in <c>studio.js</c>.</summary>
public sealed class Browser(IJSRuntime js)
{
    private Task<IJSObjectReference>? _module;

    /// <summary>Keeps a text in this browser.</summary>
    public async Task KeepAsync(string name, string value) => await CallAsync("keep", name, value);

    public async Task<string?> KeptAsync(string name) => await CallAsync<string?>("kept", name);

    public async Task ForgetAsync(string name) => await CallAsync("forget", name);

    public async Task CopyAsync(string text) => await CallAsync("copy", text);

    public async Task ToggleThemeAsync() => await CallAsync("toggleTheme");

    /// <param name="name">A function of the module.</param>
    /// <param name="arguments">Texts, numbers, elements.</param>
    public async Task CallAsync(string name, params object?[] arguments) =>
        await (await ModuleAsync()).InvokeVoidAsync(name, arguments);

    /// <param name="name">A function of the module.</param>
    /// <param name="arguments">Texts, numbers, elements.</param>
    public async Task<T> CallAsync<T>(string name, params object?[] arguments) =>
        await (await ModuleAsync()).InvokeAsync<T>(name, arguments);

    private Task<IJSObjectReference> ModuleAsync() =>
        _module ??= js.InvokeAsync<IJSObjectReference>("import", "/studio/studio.js").AsTask();
}
