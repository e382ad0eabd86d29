using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// Waiting that ends. A test looks again and again until it sees what it wants; when the time runs out, the failure says
/// what it waited for and what it saw last. No other loop of the tests awaits anything (<see cref="TestSourceTests"/>).
/// </summary>
internal static class Until
{
    /// <summary>On a machine that is busy with something else, a second's work takes many.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    public static Task HoldsAsync(
        Func<bool> condition, Func<object?>? state = null, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        HoldsAsync(() => Task.FromResult(condition()), state, limit, what);

    public static async Task HoldsAsync(
        Func<Task<bool>> condition, Func<object?>? state = null, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        await LookAsync(async () => (Reached: await condition(), State: state?.Invoke()), static seen => seen.Reached, static seen => seen.State, limit, what);

    /// <summary>The first look that shows what is wanted.</summary>
    public static Task<T> SeesAsync<T>(
        Func<Task<T>> look, Func<T, bool> wanted, TimeSpan? limit = null, [CallerArgumentExpression(nameof(wanted))] string what = "") =>
        LookAsync(look, wanted, static seen => seen, limit, what);

    /// <summary>The first look that finds something.</summary>
    public static Task<T> FoundAsync<T>(
        Func<T?> look, Func<object?>? state = null, TimeSpan? limit = null, [CallerArgumentExpression(nameof(look))] string what = "")
        where T : class =>
        FoundAsync(() => Task.FromResult(look()), state, limit, what);

    public static async Task<T> FoundAsync<T>(
        Func<Task<T?>> look, Func<object?>? state = null, TimeSpan? limit = null, [CallerArgumentExpression(nameof(look))] string what = "")
        where T : class =>
        (await LookAsync(look, static seen => seen is not null, _ => state?.Invoke(), limit, what))!;

    /// <summary>Reads lines until one is as wanted, and returns everything read so far; fails when the text ends first.</summary>
    public static async Task<string> LineAsync(TextReader reader, Func<string, bool> wanted, [CallerArgumentExpression(nameof(wanted))] string what = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        var text = new System.Text.StringBuilder();
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            text.Append(line).Append('\n');
            if (wanted(line))
            {
                return text.ToString();
            }
        }

        throw new InvalidOperationException($"The text ended before {what}:\n{text}");
    }

    /// <summary>Not a wait for anything: the pace of a client that sends so much a second.</summary>
    public static Task PassesAsync(TimeSpan time) => Task.Delay(time > TimeSpan.Zero ? time : TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<T> LookAsync<T>(Func<Task<T>> look, Func<T, bool> wanted, Func<T, object?> state, TimeSpan? limit, string what)
    {
        var patience = limit ?? Patience;
        var began = TimeProvider.System.GetTimestamp();
        object? last = "nothing: the first look did not come back";
        while (true)
        {
            // A look that hangs is cut off as well; it may still find what it looks for in its last moment.
            var left = patience - TimeProvider.System.GetElapsedTime(began);
            var looking = look();
            T seen;
            try
            {
                seen = await looking.WaitAsync(left > Pause ? left : Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException hung) when (!looking.IsCompleted)
            {
                throw new TimeoutException(Message(), hung);
            }

            if (wanted(seen))
            {
                return seen;
            }

            last = state(seen);
            if (TimeProvider.System.GetElapsedTime(began) >= patience)
            {
                throw new TimeoutException(Message());
            }

            await Task.Delay(Rest(TimeProvider.System.GetElapsedTime(began)), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        string Message() => $"Waited {patience.TotalSeconds:0.#} s for {what}. Last seen: {Text(last)}";
    }

    // Looks cost processor time that what is waited for could use: after a second, ten a second are enough.
    private static TimeSpan Rest(TimeSpan waited) => TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 10, Pause.Ticks, LongestPause.Ticks));

    private static string Text(object? state) => state switch
    {
        null => "nothing",
        string or JsonElement => $"{state}",
        IEnumerable all => string.Join('\n', all.Cast<object?>().Select(Text)),
        _ => state.ToString() ?? "nothing",
    };
}
