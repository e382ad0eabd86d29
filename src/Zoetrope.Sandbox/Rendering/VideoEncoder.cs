using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Zoetrope.Workers;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>
/// Frames to MP4. Converting and piping run beside the drawing of the next frame, with buffers that go round;
/// killing this process closes the pipe, on which ffmpeg ends too.
/// </summary>
internal sealed partial class VideoEncoder : IAsyncDisposable
{
    private const int Buffers = 3;
    private const int SetPipeSize = 1031;
    private const int PipeSize = 1 << 20;
    private readonly Process _ffmpeg;
    private readonly Channel<byte[]> _free = Channel.CreateBounded<byte[]>(Buffers);
    private readonly Channel<byte[]> _full = Channel.CreateBounded<byte[]>(Buffers);
    private readonly Task _pump;
    private readonly Task<string> _errors;

    public VideoEncoder(RenderJob job, string? synthesized, string? given = null)
    {
        var output = job.Output;
        _ffmpeg = Ffmpeg.Start(Ffmpeg.Encode(output, job.Frames, synthesized, given, job.Path), input: true, output: false);
        if (OperatingSystem.IsLinux() && _ffmpeg.StandardInput.BaseStream is PipeStream { SafePipeHandle: var pipe })
        {
            // A frame in two pieces instead of twenty; a refusal costs only time.
            _ = Control(pipe, SetPipeSize, PipeSize);
        }

        _errors = _ffmpeg.StandardError.ReadToEndAsync();
        for (var i = 0; i < Buffers; i++)
        {
            _free.Writer.TryWrite(new byte[Planar.Size(output.Width, output.Height)]);
        }

        _pump = Task.Run(PumpAsync);
    }

    /// <summary>A planar buffer to fill.</summary>
    public ValueTask<byte[]> RentAsync() => _free.Reader.ReadAsync();

    public ValueTask AddAsync(byte[] planar) => _full.Writer.WriteAsync(planar);

    /// <summary>Waits for the finished file.</summary>
    public async Task CompleteAsync()
    {
        _full.Writer.TryComplete();
        await _pump;
        _ffmpeg.StandardInput.Close();
        await _ffmpeg.WaitForExitAsync();
        if (_ffmpeg.ExitCode != 0)
        {
            throw new InvalidOperationException($"The encoder failed: {await _errors}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _full.Writer.TryComplete();
        if (!_ffmpeg.HasExited)
        {
            _ffmpeg.Kill(entireProcessTree: true);
        }

        await _ffmpeg.WaitForExitAsync();
        _ffmpeg.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            var pipe = _ffmpeg.StandardInput.BaseStream;
            await foreach (var frame in _full.Reader.ReadAllAsync())
            {
                await pipe.WriteAsync(frame);
                _free.Writer.TryWrite(frame);
            }

            await pipe.FlushAsync();
        }
        catch (IOException e)
        {
            // A dead encoder must not leave the drawing side waiting for a buffer.
            _free.Writer.TryComplete(e);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeHandle file, int command, int value);
}
