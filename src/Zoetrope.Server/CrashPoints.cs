namespace Zoetrope.Server;

/// <summary>
/// The named places at which a crash test kills this process, as `kill -9` would. Off unless
/// <c>ZOETROPE_CRASH_AT=K7</c> (or <c>K7:3</c> for the third time) is set, and then free: the field is a constant to the JIT.
/// </summary>
internal static class CrashPoints
{
    private static readonly string? Point = Environment.GetEnvironmentVariable("ZOETROPE_CRASH_AT")?.Split(':')[0];
    private static int _left =
        int.TryParse(Environment.GetEnvironmentVariable("ZOETROPE_CRASH_AT")?.Split(':').ElementAtOrDefault(1), out var times)
            ? times
            : 1;

    public static void Hit(string point)
    {
        if (Point is not null && Point == point && Interlocked.Decrement(ref _left) == 0)
        {
            // No handlers, no flushing: exit code 137 as after SIGKILL is what the test looks for.
            System.Diagnostics.Process.GetCurrentProcess().Kill();
        }
    }
}
