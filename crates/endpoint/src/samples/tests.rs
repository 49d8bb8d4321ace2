use super::*;

#[test]
fn the_picture_has_a_key_frame_each_second() {
    let sample = SampleLoop::moving().unwrap();
    let keys: Vec<_> = sample
        .frames()
        .iter()
        .enumerate()
        .filter(|(_, frame)| frame.key)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(sample.frames().len(), 60);
    assert_eq!(keys, [0, 15, 30, 45]);
    assert!(sample.frames().iter().all(|frame| frame.ticks == 6_000));
}

#[test]
fn the_sound_has_frames_of_20_ms() {
    let sample = SampleLoop::tone().unwrap();
    assert!(sample.frames().len() >= 200);
    assert!(sample.frames().iter().all(|frame| frame.ticks == 960 && frame.key));
}

#[test]
fn time_runs_on_when_the_sample_starts_again() {
    let sample = SampleLoop::moving().unwrap();
    let round = sample.frames().len();
    let times: Vec<_> = sample.take(2 * round + 1).map(|(time, _)| time).collect();
    assert!(times.windows(2).all(|pair| pair[1] == pair[0] + 6_000));
}

#[test]
fn a_key_frame_request_is_met_at_once() {
    let mut sample = SampleLoop::moving().unwrap();
    let (before, _) = sample.by_ref().nth(3).unwrap();
    sample.jump_to_key_frame();
    let (time, frame) = sample.next().unwrap();
    assert!(frame.key);
    assert_eq!(time, before + 6_000);
}

#[test]
fn a_broken_file_is_an_error_wherever_it_is_cut() {
    for length in 1..2_000 {
        let _ = SampleLoop::from_ivf(&MOVING[..length]);
        let _ = SampleLoop::from_ogg_opus(&TONE[..length]);
    }
    assert_eq!(SampleLoop::from_ivf(&MOVING[..20]).unwrap_err(), SampleError::Ivf);
    assert_eq!(SampleLoop::from_ivf(TONE).unwrap_err(), SampleError::Ivf);
    assert_eq!(SampleLoop::from_ogg_opus(MOVING).unwrap_err(), SampleError::OggOpus);
}
