using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Zoetrope.Tests.Fixtures;

/// <summary>Answers as they come over a socket.</summary>
internal static class HttpAnswers
{
    /// <summary>One answer; done when its length has arrived, though the server may go on reading what is still being sent.</summary>
    public static async Task<string> ReadAsync(NetworkStream stream)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Until.Patience);
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (!IsWhole(answer.ToString()) && await stream.ReadAsync(buffer, limit.Token) is var read and > 0)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException) when (answer.Length > 0)
        {
            // Cut off after the answer.
        }

        return answer.ToString();
    }

    private static bool IsWhole(string answer) =>
        answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var head
        && (Regex.Match(answer, @"\r\nContent-Length: (\d+)\r\n") is { Success: true } length
            ? Encoding.UTF8.GetByteCount(answer[(head + 4)..]) >= int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
            : answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
}
