using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Zoetrope.Tests.Fixtures;

/// <summary>Where the connection ends when a COMMIT passes.</summary>
internal enum Cut
{
    /// <summary>It never reaches the database.</summary>
    Before,

    /// <summary>The database has it, and the cut and the commit race.</summary>
    Behind,

    /// <summary>It is done, and its answer is lost.</summary>
    AfterIt,
}

/// <summary>A wire to PostgreSQL that a test can cut at the next COMMIT.</summary>
internal sealed class CommitCutter : IAsyncDisposable
{
    private static readonly byte[] Commit = [(byte)'Q', 0, 0, 0, 11, .. Encoding.ASCII.GetBytes("COMMIT\0")];
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly Task _accepting;
    private int _cut = -1;
    private int _cuts;

    public CommitCutter(string connectionString)
    {
        _target = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        _accepting = AcceptAsync();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ToString();
    }

    /// <summary>The database by way of the wire.</summary>
    public string ConnectionString { get; }

    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Cuts the connection on which the next COMMIT passes.</summary>
    public void CutNext(Cut cut) => Volatile.Write(ref _cut, (int)cut);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = CarryAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var near = client;
        using var far = _target.Host!.StartsWith('/')
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            if (_target.Host.StartsWith('/'))
            {
                await far.ConnectAsync(new UnixDomainSocketEndPoint($"{_target.Host}/.s.PGSQL.{_target.Port}"), over.Token);
            }
            else
            {
                await far.ConnectAsync(_target.Host, _target.Port, over.Token);
            }

            var muted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var back = BackAsync(far, near, muted, over.Token);
            await ForthAsync(near, far, muted, over.Token);
            await over.CancelAsync();
            await back;
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ForthAsync(Socket near, Socket far, TaskCompletionSource muted, CancellationToken over)
    {
        var buffer = new byte[64 * 1024];
        while (await near.ReceiveAsync(buffer, over) is var read and > 0)
        {
            var cut = buffer.AsSpan(0, read).IndexOf(Commit) >= 0 ? Interlocked.Exchange(ref _cut, -1) : -1;
            if (cut >= 0)
            {
                Interlocked.Increment(ref _cuts);
                if (cut == (int)Cut.AfterIt)
                {
                    // The answer arrives here and goes no further.
                    muted.SetResult();
                    await far.SendAsync(buffer.AsMemory(0, read), over);
                    await muted.Task;
                    await far.ReceiveAsync(buffer, over);
                }
                else if (cut == (int)Cut.Behind)
                {
                    await far.SendAsync(buffer.AsMemory(0, read), over);
                }

                return;
            }

            for (var sent = 0; sent < read;)
            {
                sent += await far.SendAsync(buffer.AsMemory(sent, read - sent), over);
            }
        }
    }

    private static async Task BackAsync(Socket far, Socket near, TaskCompletionSource muted, CancellationToken over)
    {
        var buffer = new byte[64 * 1024];
        while (!muted.Task.IsCompleted && await far.ReceiveAsync(buffer, SocketFlags.Peek, over) > 0 && !muted.Task.IsCompleted)
        {
            var read = await far.ReceiveAsync(buffer, over);
            for (var sent = 0; sent < read;)
            {
                sent += await near.SendAsync(buffer.AsMemory(sent, read - sent), over);
            }
        }
    }
}
