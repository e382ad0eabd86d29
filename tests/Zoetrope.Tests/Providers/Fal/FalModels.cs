using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Fal;

/// <summary>What fal's pages say of the models of the catalogue: every field that they have, and nothing else.</summary>
internal static class FalModels
{
    private const string SeedanceRatios = "auto|21:9|16:9|4:3|1:1|3:4|9:16";
    private const string BananaRatios = "21:9|16:9|3:2|4:3|5:4|1:1|4:5|3:4|2:3|9:16";
    private const string VeoText = "prompt! text; duration one 4s|6s|8s; aspect_ratio one 16:9|9:16; generate_audio flag; negative_prompt text; seed whole 0..4294967295; auto_fix flag; safety_tolerance one 1|2|3|4|5|6";
    private const string VeoImage = VeoText + "; aspect_ratio one auto|16:9|9:16";
    private const string KlingText = "prompt text 2500; multi_prompt shots; aspect_ratio one 16:9|9:16|1:1; generate_audio flag; cfg_scale number 0..1; negative_prompt text 2500; shot_type one customize|intelligent";
    private const string Flux = "prompt! text; image_size size; seed whole 0..2147483647; safety_tolerance one 1|2|3|4|5; enable_safety_checker flag; output_format one jpeg|png";
    private const string Klein = "prompt! text; image_size size; num_images whole 1..4; num_inference_steps whole 4..8; output_format one jpeg|png|webp; seed whole 0..2147483647; enable_safety_checker flag";
    private const string Banana = "prompt! text; num_images whole 1..4; output_format one jpeg|png|webp; safety_tolerance one 1|2|3|4|5|6; seed whole 0..2147483647; limit_generations flag";
    private const string Seedream = "prompt! text 3000; image_size size; num_images whole 1..6; max_images whole 1..6; enable_safety_checker flag";
    private const string HappyHorse = "prompt! text 2500; resolution one 720p|1080p; duration whole 3..15; seed whole 0..2147483647; enable_safety_checker flag";
    private const string H3 = "prompt! text 7000; duration whole 5..15; resolution one 2K";
    private const string H3Max = "prompt! text 7000; prompt_expansion_mode! one disabled|balanced; duration whole 5..15; resolution one 480P|768P|1080P; seed whole 0..2147483647; enable_safety_checker flag";
    private const string Omni = "prompt! text 20000; resolution one 360p|720p|1080p|4k; aspect_ratio one 16:9|9:16";
    private const string Kling4 = "prompt text; multi_prompt shots; duration whole 3..30; resolution one 720p|1080p";
    private const string Flux3Ratios = "auto|21:9|2:1|16:9|4:3|1:1|3:4|9:16";
    private const string Flux3 = $"prompt! text; duration whole 5..20; resolution one 720p|1080p; aspect_ratio one {Flux3Ratios}; generate_audio flag";
    private const string Flux3Image = "prompt! text; resolution one 768sq|1k|1.5k|2k|4k; aspect_ratio one auto|21:9|2:1|16:9|3:2|7:5|4:3|5:4|1:1|4:5|3:4|5:7|2:3|9:16|1:2; output_format one jpeg|png|webp; enable_prompt_expansion flag";
    private const string GptImage25 = "prompt! text; image_size size; quality one auto|low|medium|high|xhigh|max; background one auto|opaque|transparent; num_images whole 1..4; output_format one png|jpeg|webp";
    private const string H3Ratios = "21:9|16:9|4:3|1:1|3:4|9:16";

    public static IReadOnlyDictionary<string, VendorSchema> All { get; } = Build();

    private static Dictionary<string, VendorSchema> Build()
    {
        var models = new Dictionary<string, VendorSchema>(StringComparer.Ordinal);
        AddSeedance(models, "2.0", Numbers(4, 15), "480p|720p|1080p|4k", "; bitrate_mode one standard|high", 9, 3);
        AddSeedance(models, "2.0/fast", Numbers(4, 15), "480p|720p", "; bitrate_mode one standard|high", 9, 3);
        AddSeedance(models, "2.0/mini", Numbers(4, 15), "480p|720p", "", 9, 3);
        AddSeedance(models, "2.5", Numbers(4, 30), "480p|720p", "", 30, 10);
        AddVeo(models);
        AddKling(models);
        AddImages(models);
        models["alibaba/happy-horse/text-to-video"] = new(HappyHorse, "aspect_ratio one 16:9|9:16|1:1|4:3|3:4");
        models["alibaba/happy-horse/image-to-video"] = new(HappyHorse, "image_url! file");
        models["alibaba/happy-horse/reference-to-video"] = new(HappyHorse, "aspect_ratio one 16:9|9:16|1:1|4:3|3:4; image_urls! files 9");
        models["alibaba/happy-horse/video-edit"] = new("prompt! text 2500; video_url! file; resolution one 720p|1080p; audio_setting one auto|origin; reference_image_urls files 5; seed whole 0..2147483647");
        models["minimax/h3/text-to-video"] = new(H3, $"aspect_ratio one {H3Ratios}");
        models["minimax/h3/image-to-video"] = new(H3, "image_url! file; end_image_url file");
        models["minimax/h3/reference-to-video"] = new(H3, $"aspect_ratio one {H3Ratios}|adaptive; reference_image_urls files 12; reference_video_urls files 12; reference_audio_urls files 12");
        models["minimax/h3-max/text-to-video"] = new(H3Max, $"aspect_ratio one {H3Ratios}");
        models["minimax/h3-max/image-to-video"] = new(H3Max, "image_url! file; end_image_url file");
        foreach (var (version, longest) in new[] { ("v1.1", 10), ("v1.2", 15) })
        {
            var seconds = $"duration whole 3..{longest}";
            models[$"google/gemini-omni-flash/{version}/text-to-video"] = new(Omni, seconds);
            models[$"google/gemini-omni-flash/{version}/image-to-video"] = new(Omni, seconds, "image_url! file; end_image_url file");
            models[$"google/gemini-omni-flash/{version}/reference-to-video"] = new(Omni, seconds, "image_urls files 10; reference_video_urls files 3");
        }

        models["fal-ai/topaz/upscale/image"] = new("image_url! file; model text; upscale_factor number 1..4; output_format one jpeg|png; face_enhancement flag; subject_detection one All|Foreground|Background");
        models["fal-ai/topaz/upscale/video"] = new("video_url! file; model text; upscale_factor number 1..8; target_fps whole 16..60; H264_output flag");
        return models;
    }

    private static void AddSeedance(Dictionary<string, VendorSchema> models, string version, string seconds, string resolutions, string more, int images, int others)
    {
        var common = $"prompt! text; resolution one {resolutions}; duration one auto|{seconds}; aspect_ratio one {SeedanceRatios}; generate_audio flag; end_user_id text{more}";
        models[$"bytedance/seedance-{version}/text-to-video"] = new(common);
        models[$"bytedance/seedance-{version}/image-to-video"] = new(common, "image_url! file; end_image_url file");
        models[$"bytedance/seedance-{version}/reference-to-video"] = new(common, $"image_urls files {images}; video_urls files {others}; audio_urls files {others}");
    }

    private static void AddVeo(Dictionary<string, VendorSchema> models)
    {
        foreach (var (tier, resolutions) in new[] { ("", "720p|1080p|4k"), ("/fast", "720p|1080p|4k"), ("/lite", "720p|1080p") })
        {
            var resolution = $"resolution one {resolutions}";
            models[$"fal-ai/veo3.1{tier}"] = new(VeoText, resolution);
            models[$"fal-ai/veo3.1{tier}/image-to-video"] = new(VeoImage, resolution, "image_url! file");
            models[$"fal-ai/veo3.1{tier}/first-last-frame-to-video"] = new(VeoImage, resolution, "first_frame_url! file; last_frame_url! file");
        }

        models["fal-ai/veo3.1/reference-to-video"] = new("prompt! text; image_urls! files 3; duration one 8s; resolution one 720p|1080p|4k; aspect_ratio one 16:9|9:16; generate_audio flag");
    }

    private static void AddKling(Dictionary<string, VendorSchema> models)
    {
        var seconds = $"duration one {Numbers(3, 15)}";
        foreach (var tier in new[] { "standard", "pro", "4k" })
        {
            models[$"fal-ai/kling-video/v3/{tier}/text-to-video"] = new(KlingText, seconds);
            models[$"fal-ai/kling-video/v3/{tier}/image-to-video"] = new(
                "prompt text 2500; multi_prompt shots; generate_audio flag; cfg_scale number 0..1; negative_prompt text 2500; shot_type one customize|intelligent; start_image_url! file; end_image_url file",
                seconds);
            models[$"fal-ai/kling-video/o3/{tier}/reference-to-video"] = new(
                "prompt text 2500; multi_prompt shots; aspect_ratio one 16:9|9:16|1:1; generate_audio flag; shot_type one customize|intelligent; image_urls files 7; start_image_url file; end_image_url file",
                seconds);
        }

        models["kling/v4/text-to-video"] = new(Kling4, "aspect_ratio one auto|16:9|9:16|1:1|21:9");
        models["kling/v4/image-to-video"] = new(Kling4, "start_image_url! file; middle_image_urls files 8; end_image_url file");
        models["fal-ai/kling-video/v2.6/pro/text-to-video"] = new("prompt! text 2500; duration one 5|10; aspect_ratio one 16:9|9:16|1:1; negative_prompt text 2500; cfg_scale number 0..1; generate_audio flag");
        models["fal-ai/kling-video/v2.6/pro/image-to-video"] = new("prompt! text 2500; start_image_url! file; end_image_url file; duration one 5|10; negative_prompt text 2500; generate_audio flag");
    }

    private static void AddImages(Dictionary<string, VendorSchema> models)
    {
        foreach (var tier in new[] { "pro", "max", "flex" })
        {
            models[$"fal-ai/flux-2-{tier}"] = new(Flux);
            models[$"fal-ai/flux-2-{tier}/edit"] = new(Flux, "image_urls! files");
        }

        foreach (var size in new[] { "4b", "9b" })
        {
            models[$"fal-ai/flux-2/klein/{size}"] = new(Klein);
            models[$"fal-ai/flux-2/klein/{size}/edit"] = new(Klein, "image_urls! files 4");
        }

        models["blackforestlabs/flux-3/text-to-image"] = new(Flux3Image);
        models["blackforestlabs/flux-3/edit-image"] = new(Flux3Image, "image_urls! files 10");
        models["blackforestlabs/flux-3/text-to-video"] = new(Flux3);
        models["blackforestlabs/flux-3/image-to-video"] = new(Flux3, "image_url! file");
        models["blackforestlabs/flux-3-max/text-to-video"] = new(Flux3, "seed whole 0..2147483647; reasoning_level one low|high");
        models["blackforestlabs/flux-3-max/image-to-video"] = new(Flux3, "seed whole 0..2147483647; reasoning_level one low|high; image_url! file; end_image_url file");
        foreach (var tier in new[] { "flare", "sunburst" })
        {
            models[$"openai/gpt-image-2.5/{tier}/text-to-image"] = new(GptImage25);
            models[$"openai/gpt-image-2.5/{tier}/edit"] = new(GptImage25, "image_urls! files 16");
        }

        var wide = $"auto|{BananaRatios}|4:1|1:4|8:1|1:8";
        models["google/nano-banana-lite"] = new($"prompt! text; num_images whole 1..4; seed whole 0..2147483647; aspect_ratio one {wide}; output_format one jpeg|png|webp");
        models["google/nano-banana-lite/edit"] = new($"prompt! text; num_images whole 1..4; seed whole 0..2147483647; aspect_ratio one {wide}; output_format one jpeg|png|webp; image_urls! files 14");
        models["google/nano-banana-2.1"] = new($"prompt! text; num_images whole 1..4; resolution one 1K|2K|4K; aspect_ratio one {wide}; output_format one jpeg|png|webp; thinking_level one minimal|medium|high");
        models["google/nano-banana-2.1/edit"] = new($"prompt! text; num_images whole 1..4; resolution one 1K|2K|4K; aspect_ratio one {wide}; output_format one jpeg|png|webp; thinking_level one minimal|medium|high; image_urls! files 14");
        models["fal-ai/nano-banana"] = new(Banana, $"aspect_ratio one {BananaRatios}");
        models["fal-ai/nano-banana/edit"] = new(Banana, $"aspect_ratio one auto|{BananaRatios}; image_urls! files");
        models["fal-ai/nano-banana-pro"] = new(Banana, $"aspect_ratio one auto|{BananaRatios}; resolution one 1K|2K|4K; enable_web_search flag; system_prompt text");
        models["fal-ai/nano-banana-pro/edit"] = new(Banana, $"aspect_ratio one auto|{BananaRatios}; resolution one 1K|2K|4K; enable_web_search flag; system_prompt text; image_urls! files");
        models["fal-ai/nano-banana-2"] = new(Banana, $"aspect_ratio one auto|{BananaRatios}|4:1|1:4|8:1|1:8; resolution one 0.5K|1K|2K|4K; enable_web_search flag; thinking_level one minimal|high");
        models["fal-ai/nano-banana-2/edit"] = new(Banana, $"aspect_ratio one auto|{BananaRatios}|4:1|1:4|8:1|1:8; resolution one 0.5K|1K|2K|4K; enable_web_search flag; thinking_level one minimal|high; image_urls! files");
        models["bytedance/seedream/v5/lite/text-to-image"] = new(Seedream, "return_byteplus_urls flag");
        models["bytedance/seedream/v5/lite/edit"] = new(Seedream, "image_urls! files 10");
        models["bytedance/seedream/v5/pro/text-to-image"] = new("prompt! text 3000; image_size size; num_images whole 1..6; output_format one jpeg|png; enable_safety_checker flag");
        models["bytedance/seedream/v5/pro/edit"] = new("prompt! text 3000; image_size size; num_images whole 1..6; output_format one jpeg|png; enable_safety_checker flag; image_urls! files 10");
        models["fal-ai/bytedance/seedream/v4.5/text-to-image"] = new(Seedream, "seed whole 0..2147483647");
        models["fal-ai/bytedance/seedream/v4.5/edit"] = new(Seedream, "seed whole 0..2147483647; image_urls! files 10");
        models["openai/gpt-image-2"] = new("prompt! text; image_size size; quality one auto|low|medium|high; num_images whole 1..4; output_format one png|jpeg|webp");
        models["openai/gpt-image-2/edit"] = new("prompt! text; image_size size; quality one auto|low|medium|high; num_images whole 1..4; output_format one png|jpeg|webp; image_urls! files");
    }

    private static string Numbers(int from, int to) => string.Join('|', Enumerable.Range(from, to - from + 1));
}
